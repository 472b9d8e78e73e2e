"""The throttle of log-ins, in the database: it works while Redis is away (SECURITY, rows 26, 27, 52).

An attempt is written down as a failure before the password is looked at, and struck out when it was
right: so N parallel guesses count as N. Counted are the log-in name (5 are free, then 30 seconds,
doubling to 15 minutes) and the network (a number in five minutes). A browser that the account has
logged in on before is counted apart from both, so nobody else's failures keep the owner out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from chatpop.accounts.models import LoginFailure
from chatpop.core import clock
from chatpop.core.errors import TooMany
from chatpop.core.limits import Bucket
from chatpop.core.transactions import transaction

FREE_FAILURES = 5
FIRST_WAIT = 30
LONGEST_WAIT = 15 * 60
NETWORK_WINDOW = 5 * 60
KEPT = timedelta(days=1)
"""Failures older than this are forgotten."""


class TooManyFailures(TooMany):
    code = "too_many_failures"
    sentence = "Too many failed log-ins. Please wait before you try again."


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt under way: counted as a failure until :func:`strike_out`."""

    who: str
    row_ids: list[int]


def begin(who: str, networks: Sequence[Bucket]) -> Attempt:
    """Count an attempt on ``who`` from these networks. Raises :class:`TooManyFailures`; then nothing is counted."""
    now = clock.now()
    charged = {f"network:{bucket.who}": bucket for bucket in networks}
    with transaction() as session:
        _one_at_a_time(session, sorted([who, *charged]))
        _check_waiting(session, who, now)
        for network, bucket in charged.items():
            _check_window(session, network, bucket, now)
        rows = [{"who": key, "failed_at": now} for key in (who, *charged)]
        return Attempt(who, list(session.scalars(insert(LoginFailure).returning(LoginFailure.id), rows)))


def strike_out(session: Session, attempt: Attempt, *, succeeded: bool) -> None:
    """The attempt was no failure: it succeeded (earlier ones are forgiven), or was never judged."""
    session.execute(delete(LoginFailure).where(LoginFailure.id.in_(attempt.row_ids)))
    if succeeded:
        session.execute(delete(LoginFailure).where(LoginFailure.who == attempt.who))


def wait_after(failures: int) -> int:
    """Seconds between the last of so many failures and the next attempt."""
    if failures < FREE_FAILURES:
        return 0
    doublings = min(failures - FREE_FAILURES, 10)
    return min(FIRST_WAIT << doublings, LONGEST_WAIT)


def _check_waiting(session: Session, who: str, now: datetime) -> None:
    failures, last = session.execute(
        select(func.count(), func.max(LoginFailure.failed_at)).where(
            LoginFailure.who == who, LoginFailure.failed_at > now - KEPT
        )
    ).one()
    wait = wait_after(failures)
    if wait and last + timedelta(seconds=wait) > now:
        raise _refusal(FREE_FAILURES, last + timedelta(seconds=wait) - now)


def _check_window(session: Session, network: str, bucket: Bucket, now: datetime) -> None:
    """The failure that has to grow old before the next attempt, if the window is full."""
    window = timedelta(seconds=bucket.window)
    oldest = session.scalar(
        select(LoginFailure.failed_at)
        .where(LoginFailure.who == network, LoginFailure.failed_at > now - window)
        .order_by(LoginFailure.failed_at.desc())
        .offset(bucket.amount - 1)
        .limit(1)
    )
    if oldest is not None:
        raise _refusal(bucket.amount, oldest + window - now)


def _refusal(limit: int, wait: timedelta) -> TooManyFailures:
    return TooManyFailures(limit=limit, retry_after=max(1, math.ceil(wait.total_seconds())))


def _one_at_a_time(session: Session, keys: Sequence[str]) -> None:
    """Attempts that count for the same are judged one after the other; SQLite's writers are in any case."""
    if session.get_bind().dialect.name == "postgresql":
        for key in keys:
            session.execute(select(func.pg_advisory_xact_lock(func.hashtext(key))))
