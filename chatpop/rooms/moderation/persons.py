"""A person in a room, as those who look after it see them: by the tag and name they have there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import select

from chatpop.core import clock
from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.rooms import tags
from chatpop.rooms.finding import MessageNotFound
from chatpop.rooms.models import Message, Moderator, Mute, Participation, Room
from chatpop.rooms.tags import PersonNotFound, author_tag

Row = TypeVar("Row", Mute, Moderator)


@dataclass(frozen=True, slots=True)
class Person:
    """``user`` is never shown: the name in the room must not tell which account is behind it.

    ``mute`` and ``moderator`` are told only where they were given under this very name, for the same reason.
    """

    tag: str
    name: str
    user: User
    is_here: bool
    """Whether they have a place in the room under this name now."""
    is_host: bool
    mute: Mute | None
    moderator: Moderator | None


def find(room: Room, tag: str) -> Person:
    """Who is, or was, in the room under this tag. Raises ``PersonNotFound``."""
    known = tags.find(room, tag)
    user = db.session.get(User, known.user_id) if known.user_id is not None else None
    if user is None:
        raise PersonNotFound
    place = db.session.scalar(
        select(Participation).where(Participation.room_id == room.id, Participation.user_id == user.id)
    )
    is_here = place is not None and author_tag(room, place) == tag
    mute = _of(Mute, room, user, known.name)
    return Person(
        tag=tag,
        name=known.name,
        user=user,
        is_here=is_here,
        is_host=room.host_id == user.id and is_here,
        mute=mute if mute is not None and mute.until > clock.now() else None,
        moderator=_of(Moderator, room, user, known.name),
    )


def message(room: Room, seq: int) -> Message:
    """The message with this number. Raises ``MessageNotFound``."""
    found: Message | None = db.session.scalar(select(Message).where(Message.room_id == room.id, Message.seq == seq))
    if found is None:
        raise MessageNotFound
    return found


def muted_in(room: Room) -> Sequence[Mute]:
    """Who may not write at present, the latest first."""
    statement = select(Mute).where(Mute.room_id == room.id, Mute.until > clock.now())
    return db.session.scalars(statement.order_by(Mute.placed_at.desc(), Mute.id.desc())).all()


def moderators_of(room: Room) -> Sequence[Moderator]:
    """Who looks after the room besides its host, in the order of their appointment."""
    statement = select(Moderator).where(Moderator.room_id == room.id)
    return db.session.scalars(statement.order_by(Moderator.appointed_at, Moderator.id)).all()


def _of(model: type[Row], room: Room, user: User, name: str) -> Row | None:
    found: Row | None = db.session.scalar(
        select(model).where(model.room_id == room.id, model.user_id == user.id, model.shown_name == name)
    )
    return found
