"""Taking away rooms in which nothing ever happened and nobody is left."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, delete, exists, select

from chatpop.core import clock
from chatpop.core.transactions import transaction
from chatpop.identity.models import User
from chatpop.identity.sleeping import Sleep
from chatpop.rooms.models import Message, Participation, Room
from chatpop.uploads.models import Upload

EMPTY_DAYS = 30
"""Days without any activity after which an empty room goes."""
BATCH = 50


def delete_empty_rooms() -> int:
    """Delete rooms of 30 days and more without a message, a file, a living participant or a living host.

    Returns how many. A guest who sleeps may come back and counts as living. Safe to run twice, in parallel, or half.
    """
    total = 0
    while True:
        with transaction() as session:
            rooms = session.scalars(
                select(Room.id)
                .where(_is_empty())
                .order_by(Room.id)
                .limit(BATCH)
                .with_for_update(of=Room, skip_locked=True)
            ).all()
            gone = delete(Room).where(Room.id.in_(rooms), _is_empty()).returning(Room.id)
            done = session.scalars(gone.execution_options(synchronize_session=False)).all()
        total += len(done)
        if len(done) < BATCH:
            return total


def _is_empty() -> ColumnElement[bool]:
    living = User.is_abandoned.is_(False) | exists().where(Sleep.user_id == User.id)
    host = exists().where(User.id == Room.host_id, living)
    somebody = exists().where(Participation.room_id == Room.id, User.id == Participation.user_id, living)
    return (
        (Room.active_at < clock.now() - timedelta(days=EMPTY_DAYS))
        & ~exists().where(Message.room_id == Room.id)
        & ~exists().where(Upload.room_id == Room.id)
        & ~host
        & ~somebody
    )
