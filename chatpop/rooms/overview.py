"""Rooms as the people who run the site see them: all of them, with what is in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.rooms.finding import clean_code
from chatpop.rooms.models import Message, Participation, Room
from chatpop.rooms.tags import author_tag

PAGE_SIZE = 50
PEOPLE_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Summary:
    """A room and its counts; ``host`` is the account that hosts it."""

    room: Room
    members: int
    messages: int
    host: User | None


@dataclass(frozen=True, slots=True)
class Page:
    """Rooms, newest first; ``following`` is the id to go on below, None at the end."""

    rooms: list[Summary]
    following: int | None


@dataclass(frozen=True, slots=True)
class Inhabitant:
    """Somebody in a room, with the account behind the name: for admins alone."""

    tag: str
    name: str
    user: User


def page(query: str = "", below: int | None = None) -> Page:
    """Up to 50 rooms by code or by a part of the name."""
    statement = select(Room)
    if query:
        code = clean_code(query)
        named = Room.name.icontains(query, autoescape=True)
        statement = statement.where(or_(named, Room.code == code) if code else named)
    if below is not None:
        statement = statement.where(Room.id < below)
    found = list(db.session.scalars(statement.order_by(Room.id.desc()).limit(PAGE_SIZE + 1)))
    shown = found[:PAGE_SIZE]
    return Page(_summaries(shown), shown[-1].id if len(found) > PAGE_SIZE else None)


def summary(room: Room) -> Summary:
    return _summaries([room])[0]


def inhabitants(room: Room) -> list[Inhabitant]:
    """Who is in the room, in the order of joining; at most 200."""
    rows = db.session.execute(
        select(Participation, User)
        .join(User, User.id == Participation.user_id)
        .where(Participation.room_id == room.id)
        .order_by(Participation.joined_at)
        .limit(PEOPLE_SHOWN)
    )
    return [Inhabitant(author_tag(room, place), place.name, user) for place, user in rows]


def is_site_empty() -> bool:
    """Whether no room has been opened yet."""
    return db.session.scalar(select(Room.id).limit(1)) is None


def _summaries(rooms: Sequence[Room]) -> list[Summary]:
    ids = [room.id for room in rooms]
    members = _counts(Participation.room_id, ids)
    messages = _counts(Message.room_id, ids)
    hosts = {
        user.id: user for user in db.session.scalars(select(User).where(User.id.in_({room.host_id for room in rooms})))
    }
    return [
        Summary(room, members.get(room.id, 0), messages.get(room.id, 0), hosts.get(room.host_id or 0)) for room in rooms
    ]


def _counts(column: InstrumentedAttribute[int], ids: Sequence[int]) -> dict[int, int]:
    rows = db.session.execute(select(column, func.count()).where(column.in_(ids)).group_by(column))
    return {row[0]: row[1] for row in rows}
