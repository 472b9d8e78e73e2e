"""Who stands behind a tag: one person under one name in one room."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from chatpop.core.errors import NotFound
from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.rooms.finding import find_participation
from chatpop.rooms.models import Message, Participation, Room
from chatpop.rooms.posting import author_tag


class PersonNotFound(NotFound):
    code, sentence = "person_not_found", "There is no such person in this room."


@dataclass(frozen=True, slots=True)
class Tagged:
    """``user_id`` is None where the account is gone; it is never shown to other users."""

    tag: str
    name: str
    user_id: int | None


def find(room: Room, tag: str) -> Tagged:
    """The person who is in the room, or has written there, under ``tag``. Raises :class:`PersonNotFound`."""
    written: Message | None = db.session.scalar(
        select(Message).where(Message.room_id == room.id, Message.author_tag == tag).limit(1)
    )
    if written is not None:
        return Tagged(tag, written.author_name, written.author_id)
    for place in db.session.scalars(select(Participation).where(Participation.room_id == room.id)):
        if author_tag(room, place) == tag:
            return Tagged(tag, place.name, place.user_id)
    raise PersonNotFound


def own(room: Room, user: User) -> str | None:
    """The tag under which ``user`` is in the room at present."""
    place = find_participation(room.id, user)
    return author_tag(room, place) if place is not None else None
