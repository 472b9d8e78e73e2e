"""Whom a message concerns, and what their browsers are told about it while they look elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from redis.exceptions import RedisError
from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.orm import Session as DbSession

from chatpop.core import clock, database, errands
from chatpop.extensions import db
from chatpop.identity import bans
from chatpop.identity.bans import Ban
from chatpop.identity.models import User
from chatpop.push import subscriptions
from chatpop.push.delivering import Note
from chatpop.push.models import PushSubscription
from chatpop.rooms import reading
from chatpop.rooms.formatting import plain_text
from chatpop.rooms.live import live
from chatpop.rooms.mention_models import Mention
from chatpop.rooms.models import Message, Mute, Participation, Room
from chatpop.rooms.report_models import Ignore
from chatpop.rooms.tags import author_tag
from chatpop.uploads.models import Upload

JOB = "tell-of-message"
TEXT_LIMIT = 120


def tell_later(message: Message, *, is_calling: bool) -> None:
    """Let a worker tell those whom the message concerns; after the commit. Nothing is sent where that is nobody.

    ``is_calling``: it mentions somebody.
    """
    if is_calling or message.reply_to_seq is not None:
        errands.send(JOB, message.id)


def browsers_to_tell(message_id: int) -> Sequence[int]:
    """The ids of the subscriptions that are to be told now; none once the message was taken back."""
    with database.reading(), DbSession(db.engine) as session:
        message = session.get(Message, message_id)
        if message is None or message.deleted_at is not None:
            return []
        concerned = _concerned(session, message)
        if not concerned:
            return []
        room = session.get_one(Room, message.room_id)
        rows = session.execute(_reached(message, concerned)).all()
        looking = _looking(room, [place for _, place in rows])
        return [subscription.id for subscription, place in rows if place.user_id not in looking]


def note_for(message_id: int, subscription_id: int) -> Note | None:
    """What this browser is told; None if by now it is not to be told."""
    if subscription_id not in browsers_to_tell(message_id):
        return None
    with database.reading(), DbSession(db.engine) as session:
        subscription, message = session.get(PushSubscription, subscription_id), session.get(Message, message_id)
        if subscription is None or message is None:
            return None
        room = session.get_one(Room, message.room_id)
        payload = {
            "title": room.name,
            "body": f"{message.author_name}: {_text(session, message)}",
            "tag": f"room-{room.code}",
            "url": f"/rooms/{room.code}#message-{message.seq}",
        }
        session.expunge_all()
        return Note(subscription, payload, f"room:{room.id}")


def _text(session: DbSession, message: Message) -> str:
    """The beginning of what was written, in one line; of a message without words the name of its first file."""
    if message.body:
        return plain_text(message.body, TEXT_LIMIT)
    name = session.scalar(select(Upload.name).where(Upload.message_id == message.id).order_by(Upload.id).limit(1))
    return plain_text(f"📎 {name or ''}", TEXT_LIMIT)


def _concerned(session: DbSession, message: Message) -> set[int]:
    """Whom the message calls by name, and the author of what it answers."""
    answered = select(Message.author_id).where(
        Message.room_id == message.room_id, Message.seq == message.reply_to_seq, Message.deleted_at.is_(None)
    )
    called = select(Mention.user_id).where(Mention.message_id == message.id)
    found = {*session.scalars(answered), *session.scalars(called)}
    return {user_id for user_id in found if user_id is not None and user_id != message.author_id}


def _reached(message: Message, user_ids: set[int]) -> Select[PushSubscription, Participation]:
    """Of these people those who are in the room, may write there, and want to hear from the author."""
    return (
        select(PushSubscription, Participation)
        .join(User, User.id == PushSubscription.user_id)
        .join(Participation, Participation.user_id == User.id)
        .join(Room, Room.id == Participation.room_id)
        .where(
            Room.id == message.room_id,
            User.id.in_(user_ids),
            subscriptions.is_live(),
            ~exists().where(Ignore.user_id == User.id, Ignore.room_id == Room.id, Ignore.tag == message.author_tag),
            ~exists().where(Mute.user_id == User.id, Mute.room_id == Room.id, Mute.until > clock.now()),
            ~_is_banned(),
        )
    )


def _is_banned() -> ColumnElement[bool]:
    here = or_(Ban.room_id.is_(None), Ban.room_id == Room.id)
    return exists().where(Ban.user_id == User.id, here, bans.in_force())


def _looking(room: Room, places: Sequence[Participation]) -> set[int]:
    """Who has the room's page open and in view: they see the message themselves. While Redis is away that is nobody."""
    try:
        tags = live.tags(room.id)
        here = [place.user_id for place in places if author_tag(room, place) in tags]
        return set(here) - reading.are_away(room.id, here)
    except RedisError:
        return set()
