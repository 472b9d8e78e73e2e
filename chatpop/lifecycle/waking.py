"""The end of a sleep that nobody broke: the guest is forgotten for good."""

from __future__ import annotations

from sqlalchemy import select

from chatpop.core import clock
from chatpop.core.transactions import transaction
from chatpop.identity.models import User
from chatpop.identity.sleeping import Sleep
from chatpop.lifecycle.abandoning import let_go

BATCH = 50


def end_sleeps() -> int:
    """Let go of everybody whose sleep is over; returns how many. Safe to run twice, in parallel, or half.

    Their rows are locked first, as waking does, so a browser that comes at this moment is either in time or too late.
    """
    total = 0
    while count := _step():
        total += count
    return total


def _step() -> int:
    with transaction() as session:
        over = select(Sleep.user_id).where(Sleep.ends_at <= clock.now())
        users = session.scalars(
            select(User)
            .where(User.id.in_(over))
            .order_by(User.id)
            .limit(BATCH)
            .with_for_update(of=User, skip_locked=True)
        ).all()
        done = 0
        for user in users:
            sleep = session.scalar(select(Sleep).where(Sleep.user_id == user.id, Sleep.ends_at <= clock.now()))
            if sleep is not None:
                let_go(session, user)
                session.delete(sleep)
                session.flush()
                done += 1
        return done
