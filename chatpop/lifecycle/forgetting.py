"""Deleting for good the forgotten guests who have left nothing that others can see."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.orm import Session

from chatpop.core import clock
from chatpop.core.transactions import transaction
from chatpop.identity.models import User
from chatpop.identity.sleeping import Sleep
from chatpop.lifecycle.abandoning import let_go, spared
from chatpop.rooms.models import Message, Room
from chatpop.rooms.reaction_models import Reaction
from chatpop.settings import registry
from chatpop.uploads import retention
from chatpop.uploads.models import Upload

BATCH = 50


def delete_forgotten() -> int:
    """Delete abandoned accounts after ``ABANDONED_DELETE_DAYS``; returns how many. -1 is never.

    Kept are those with a message, a reaction, a room or a public file, those who sleep, and disabled ones, whose row is
    the record of why. A name that is retired stays so without an owner, and one that rests goes on resting. Safe to run
    twice, in parallel, or half.
    """
    days = registry.ABANDONED_DELETE_DAYS.get()
    if days < 0:
        return 0
    which, total = _is_over(days), 0
    while True:
        with transaction() as session:
            users = session.scalars(
                select(User).where(which).order_by(User.id).limit(BATCH).with_for_update(of=User, skip_locked=True)
            ).all()
            for user in users:
                _delete(session, user)
        total += len(users)
        if len(users) < BATCH:
            return total


def _is_over(days: int) -> ColumnElement[bool]:
    public = (
        exists().where(Message.author_id == User.id)
        | exists().where(Reaction.user_id == User.id)
        | exists().where(Room.host_id == User.id)
        | exists().where(Upload.owner_id == User.id, Upload.is_private.is_(False))
    )
    return (
        User.is_abandoned.is_(True)
        & User.is_registered.is_(False)
        & User.is_disabled.is_(False)
        & (User.abandoned_at < clock.now() - timedelta(days=days))
        & ~exists().where(Sleep.user_id == User.id)
        & ~spared()
        & ~public
    )


def _delete(session: Session, user: User) -> None:
    let_go(session, user)
    retention.delete_private_of(session, user.id)
    session.execute(delete(User).where(User.id == user.id).execution_options(synchronize_session=False))
