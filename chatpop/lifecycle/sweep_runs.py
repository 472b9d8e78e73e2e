"""The record of the sweep's runs, and the brake that reads it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from chatpop.core import clock
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity import audit
from chatpop.identity.models import User
from chatpop.lifecycle.sweep_models import Source, SweepRun
from chatpop.settings import registry

FEW = 100
"""So many may always go: on a small site a share says nothing."""
HOLD = timedelta(days=1)
STALE_HOLD = timedelta(days=7)
"""An alert this old is no warning of what is due today: the wait begins anew."""
KEPT = timedelta(days=400)


def add(source: Source, *, force: bool) -> int:
    """Note a run that begins at once; returns its id. Records older than 400 days go."""
    with transaction() as session:
        session.execute(delete(SweepRun).where(SweepRun.asked_at < clock.now() - KEPT))
        run = SweepRun(source=source, is_forced=force, asked_at=clock.now())
        session.add(run)
        session.flush()
        return run.id


def ask(admin: User, *, force: bool) -> int:
    """Note the run that an admin wants, in the audit trail too; returns its id."""
    with transaction() as session:
        run = SweepRun(
            source=Source.ADMIN,
            admin_id=admin.id,
            admin_name=admin.username,
            is_forced=force,
            asked_at=clock.now(),
        )
        session.add(run)
        session.flush()
        audit.record(session, "sweep_started", actor=admin, run=run.id, forced=force)
        return run.id


def begin(run_id: int, *, guests: int, due: int) -> bool | None:
    """Say how many are due; True if the run may go on, False if it is held back, None if there is no such run to do.

    Held back is a run with more than ``SWEEP_MAX_SHARE`` of the guests due, and more than 100: a wrong clock or a
    slip of the settings looks like that. A day after the first alert it is let through (SECURITY, row 69).
    """
    with transaction() as session:
        run = session.get(SweepRun, run_id, with_for_update=True)
        if run is None or run.ended_at is not None:
            return None
        now = clock.now()
        too_many = due > FEW and due > guests * registry.SWEEP_MAX_SHARE.get()
        is_held_back = too_many and not run.is_forced and not _has_waited(session)
        run.began_at, run.guests, run.due, run.is_held_back = now, guests, due, is_held_back
        run.ended_at = now if is_held_back else None
        return not is_held_back


def count_one(session: Session, run_id: int) -> None:
    """One more guest is forgotten: in that guest's transaction, so that the figure is true whenever a run is killed."""
    counted = update(SweepRun).where(SweepRun.id == run_id).values(swept=SweepRun.swept + 1)
    session.execute(counted.execution_options(synchronize_session=False))


def note_failure(run_id: int) -> None:
    with transaction() as session:
        session.execute(update(SweepRun).where(SweepRun.id == run_id).values(failed=SweepRun.failed + 1))


def end(run_id: int) -> None:
    with transaction() as session:
        session.execute(update(SweepRun).where(SweepRun.id == run_id).values(ended_at=clock.now()))


def latest(limit: int = 30) -> Sequence[SweepRun]:
    """The last runs, newest first."""
    return db.session.scalars(select(SweepRun).order_by(SweepRun.id.desc()).limit(limit)).all()


def holding() -> SweepRun | None:
    """The held-back run with which the present wait began; None while nothing is held back."""
    session: Session = db.session()
    return _first_hold(session)


def _has_waited(session: Session) -> bool:
    first = _first_hold(session)
    return first is not None and HOLD <= clock.now() - first.asked_at < STALE_HOLD


def _first_hold(session: Session) -> SweepRun | None:
    """The first of the held-back runs since the last one that went to its end; old alerts don't count."""
    ended = SweepRun.ended_at.is_not(None)  # one that is broken off has not used up the wait
    passed = select(func.max(SweepRun.id)).where(ended, SweepRun.is_held_back.is_(False)).scalar_subquery()
    since = SweepRun.id > func.coalesce(passed, 0)
    found: SweepRun | None = session.scalar(
        select(SweepRun)
        .where(since, SweepRun.is_held_back.is_(True), SweepRun.asked_at > clock.now() - STALE_HOLD)
        .order_by(SweepRun.id)
        .limit(1)
    )
    return found
