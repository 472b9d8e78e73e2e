"""The sweep: forgets the guests who have not been seen for longer than the site keeps them.

A transaction a guest, so it may be killed at any point, run again, and run beside itself. Between two guests it
rests for half the time that the last one took: the site's own writes get their turn.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import structlog
from rq.timeouts import BaseTimeoutException
from sqlalchemy import ColumnElement, func, select

from chatpop.core import database
from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.lifecycle import sweep_runs
from chatpop.lifecycle.abandoning import abandon, idle_limit, spared
from chatpop.lifecycle.sweep_models import Source
from chatpop.settings import registry

JOB = "sweep-as-asked"
BATCH = 200
REST_SHARE, REST_SECONDS = 0.5, (0.002, 0.01)
"""And least and most. Who waits for SQLite's lock looks for it every few milliseconds (``core.database``)."""
FAILURES_IN_A_ROW = 25
"""So many can't all be the guests' fault: something is away, and the run ends as failed."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Census:
    """How many living guests there are, and how many of them are due."""

    guests: int
    due: int


def sweep(force: bool = False, *, source: Source = Source.COMMAND) -> int:
    """Forget all guests who are due; returns how many this run has forgotten, 0 when it is held back.

    ``force`` goes past the brake (see ``sweep_runs.begin``). One guest's failure is logged and counted and does not
    stop the rest; raises the last one when many fail in a row.
    """
    return run(sweep_runs.add(source, force=force))


def run(run_id: int) -> int:
    """The same for a run that is noted already; 0 if it has ended, goes on where it was broken off."""
    limit, counted = idle_limit(), census()
    may_go_on = sweep_runs.begin(run_id, guests=counted.guests, due=counted.due)
    figures = {"run": run_id, "guests": counted.guests, "due": counted.due}
    if may_go_on is False:
        log.warning("sweep_held_back", share=registry.SWEEP_MAX_SHARE.get(), **figures)
    if not may_go_on:
        return 0
    total, failed = _forget_all(run_id, limit) if limit is not None else (0, 0)
    sweep_runs.end(run_id)
    log.info("sweep_done", count=total, failed=failed, **figures)
    return total


def census() -> Census:
    """Counted now, on a connection of its own."""
    limit = idle_limit()
    living = (User.is_registered.is_(False), User.is_abandoned.is_(False))
    with database.reading(), db.engine.connect() as connection:
        guests = connection.scalar(select(func.count()).select_from(User).where(*living)) or 0
        due = connection.scalar(select(func.count()).select_from(User).where(*is_due(limit))) if limit else 0
    return Census(guests, due or 0)


def is_due(limit: datetime) -> tuple[ColumnElement[bool], ...]:
    """The condition in SQL; ``abandon`` repeats it under the lock of each row."""
    return (User.is_registered.is_(False), User.is_abandoned.is_(False), User.last_seen_at < limit, ~spared())


def _forget_all(run_id: int, limit: datetime) -> tuple[int, int]:
    """How many were forgotten, and how many failed."""
    total = failed = in_a_row = 0
    for user_id in _due(limit):
        began = time.perf_counter()
        try:
            total += abandon(user_id, run_id)
            in_a_row = 0
        except BaseTimeoutException:
            raise  # the queue ends the job
        except Exception as error:  # whatever is wrong with one guest, the others' time is over all the same
            failed, in_a_row = failed + 1, in_a_row + 1
            _log_failure(run_id, user_id, error)
            sweep_runs.note_failure(run_id)
            if in_a_row >= FAILURES_IN_A_ROW:
                raise
        _rest(time.perf_counter() - began)
    return total, failed


def _due(limit: datetime) -> Iterator[int]:
    """Ids of those who are due, the longest unseen first; nobody twice, so that a failing guest is not met again."""
    after: ColumnElement[bool] | None = None
    while True:
        statement = select(User.id, User.last_seen_at).where(*is_due(limit)).order_by(User.last_seen_at, User.id)
        if after is not None:
            statement = statement.where(after)
        with database.reading(), db.engine.connect() as connection:
            rows = connection.execute(statement.limit(BATCH)).all()
        if not rows:
            return
        yield from (row.id for row in rows)
        last = rows[-1]
        equal = (User.last_seen_at == last.last_seen_at) & (User.id > last.id)
        after = (User.last_seen_at > last.last_seen_at) | equal


def _log_failure(run_id: int, user_id: int, error: Exception) -> None:
    """The driver's own words: SQLAlchemy's would bring the statement's values along."""
    said = str(getattr(error, "orig", None) or error)[:300]
    log.error("guest_not_forgotten", run=run_id, user=user_id, error=type(error).__name__, said=said)


def _rest(seconds: float) -> None:
    time.sleep(min(max(seconds * REST_SHARE, REST_SECONDS[0]), REST_SECONDS[1]))
