"""Listing the rooms that somebody may see, newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.rooms.models import Participation, Room, Visibility

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class RoomPage:
    """Rooms, newest first; ``more`` says whether older ones follow."""

    rooms: list[Room]
    more: bool


def page(user: User, after: Room | None = None) -> RoomPage:
    """Up to 50 public rooms and rooms that ``user`` hosts or is in; those opened before ``after``."""
    joined = select(Participation.room_id).where(Participation.user_id == user.id)
    statement = select(Room).where(
        (Room.visibility == Visibility.PUBLIC) | (Room.host_id == user.id) | Room.id.in_(joined)
    )
    if after is not None:
        statement = statement.where(Room.id < after.id)
    found = list(db.session.scalars(statement.order_by(Room.id.desc()).limit(PAGE_SIZE + 1)))
    return RoomPage(found[:PAGE_SIZE], len(found) > PAGE_SIZE)


def names_in(rooms: Sequence[Room], user: User) -> dict[int, str]:
    """Under which name ``user`` is in each of these rooms, by room id."""
    rows = db.session.execute(
        select(Participation.room_id, Participation.name).where(
            Participation.user_id == user.id, Participation.room_id.in_([room.id for room in rooms])
        )
    )
    return {row.room_id: row.name for row in rows}
