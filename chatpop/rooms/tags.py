"""Who stands behind a tag: one person under one name in one room."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from chatpop.core.errors import NotFound
from chatpop.core.keys import derive_key, keyed_tag
from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.rooms.finding import find_participation
from chatpop.rooms.models import Message, Participation, Room
from chatpop.rooms.reaction_models import Reaction


class PersonNotFound(NotFound):
    code, sentence = "person_not_found", "There is no such person in this room."


@dataclass(frozen=True, slots=True)
class Tagged:
    """``user_id`` is None where the account is gone; it is never shown to other users."""

    tag: str
    name: str
    user_id: int | None


def author_tag(room: Room, place: Participation) -> str:
    """Marks one person's messages under one name in one room, and links nothing else.

    Keyed with the room's secret, so that the same name in two rooms, or two names of one account,
    have tags without any relation.
    """
    return tag_of(room.invite, place.user_id, place.name_key)


def tag_of(invite: str, user_id: int, name_key: str) -> str:
    """The same, from what it is made of."""
    return keyed_tag(derive_key(invite, "author"), str(user_id), name_key, length=16)


def find(room: Room, tag: str) -> Tagged:
    """The person who is in the room, or has written or reacted there, under ``tag``. Raises :class:`PersonNotFound`."""
    written: Message | None = db.session.scalar(
        select(Message).where(Message.room_id == room.id, Message.author_tag == tag).limit(1)
    )
    if written is not None:
        return Tagged(tag, written.author_name, written.author_id)
    for place in db.session.scalars(select(Participation).where(Participation.room_id == room.id)):
        if author_tag(room, place) == tag:
            return Tagged(tag, place.name, place.user_id)
    signs = select(Reaction).join(Message, Message.id == Reaction.message_id)
    reacted: Reaction | None = db.session.scalar(signs.where(Message.room_id == room.id, Reaction.tag == tag).limit(1))
    if reacted is not None:
        return Tagged(tag, reacted.name, reacted.user_id)
    raise PersonNotFound


def own(room: Room, user: User) -> str | None:
    """The tag under which ``user`` is in the room at present."""
    place = find_participation(room.id, user)
    return author_tag(room, place) if place is not None else None
