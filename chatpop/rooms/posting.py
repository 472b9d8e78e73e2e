"""Writing to a room's log: a message, or the deletion of one's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chatpop.core import clock, limits
from chatpop.core.errors import DomainError, NotFound, TooMany
from chatpop.core.keys import derive_key, keyed_tag
from chatpop.core.limits import Bucket
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.rooms.history import LogEntry
from chatpop.rooms.live import live
from chatpop.rooms.models import (
    BODY_LIMIT,
    CLIENT_ID_LIMIT,
    EventKind,
    Message,
    Participation,
    Room,
    RoomEvent,
)
from chatpop.settings import registry

MINUTE = 60


class EmptyMessage(DomainError):
    status, code, sentence = 422, "empty_message", "A message needs some text."


class MessageTooLong(DomainError):
    status, code = 422, "message_too_long"
    sentence = f"A message can have at most {BODY_LIMIT:,} characters. Yours is kept below; please shorten it."


class BadClientId(DomainError):
    status, code = 400, "bad_client_id"
    sentence = f"The field client_id must be a text of 1 to {CLIENT_ID_LIMIT} printable characters."


class NotYours(DomainError):
    status, code, sentence = 403, "not_yours", "Only the person who wrote a message can delete it."


class MessageNotFound(NotFound):
    code, sentence = "message_not_found", "There is no such message in this room."


class TooFast(TooMany):
    code = "too_fast"


@dataclass(frozen=True, slots=True)
class Posted:
    """The stored message; ``is_new`` is False when the same client_id had stored it before."""

    entry: LogEntry
    is_new: bool


def post(room: Room, author: User, place: Participation, body: str, client_id: str) -> Posted:
    """Store a message and tell everybody. Sending the same ``client_id`` twice stores once.

    Raises :class:`EmptyMessage`, :class:`MessageTooLong`, :class:`BadClientId`, :class:`TooFast`.
    """
    text = clean_body(body)
    if not 1 <= len(client_id) <= CLIENT_ID_LIMIT or not client_id.isprintable():
        raise BadClientId
    earlier = _earlier(room, author, client_id)
    if earlier is not None:
        return Posted(LogEntry(earlier.seq, EventKind.MESSAGE, earlier, room.code), False)
    _charge(author)
    message = Message(
        room_id=room.id,
        author_id=author.id,
        author_name=place.name,
        author_tag=author_tag(room, place),
        author_is_verified=author.is_registered and place.name == author.username,
        body=text,
        client_id=client_id,
        created_at=clock.now(),
    )
    try:
        with transaction() as session:
            message.seq = next_seq(session, room.id, message.created_at)
            session.add(message)
    except IntegrityError:
        stored = _earlier(room, author, client_id)  # the same message, sent twice at once
        if stored is None:
            raise
        return Posted(LogEntry(stored.seq, EventKind.MESSAGE, stored, room.code), False)
    entry = LogEntry(message.seq, EventKind.MESSAGE, message, room.code)
    live.announce(room.id, entry.seq, entry.kind, entry)
    return Posted(entry, True)


def delete(room: Room, user: User, seq: int) -> Message:
    """Take back one's own message, live for everybody; its place in the log stays.

    Deleting twice is deleting once. Raises :class:`MessageNotFound`, :class:`NotYours`.
    """
    with transaction() as session:
        message: Message | None = session.scalar(
            select(Message).where(Message.room_id == room.id, Message.seq == seq).with_for_update()
        )
        if message is None:
            raise MessageNotFound
        if message.author_id != user.id:
            raise NotYours
        if message.deleted_at is not None:
            return message
        now = clock.now()
        message.deleted_at, message.body = now, ""
        event = RoomEvent(
            room_id=room.id,
            seq=next_seq(session, room.id),
            kind=EventKind.DELETE,
            message_id=message.id,
            created_at=now,
        )
        session.add(event)
    live.announce(room.id, event.seq, event.kind, LogEntry(event.seq, event.kind, message, room.code))
    return message


def next_seq(session: Session, room_id: int, active_at: datetime | None = None) -> int:
    """The room's next log number; holds the room's row until the commit, so numbers come in commit order."""
    values: dict[str, object] = {"last_seq": Room.last_seq + 1}
    if active_at is not None:
        values["active_at"] = active_at
    statement = update(Room).where(Room.id == room_id).values(**values).returning(Room.last_seq)
    return session.execute(statement.execution_options(synchronize_session=False)).scalar_one()


def clean_body(body: str) -> str:
    """The text as it is stored: LF line ends, no control characters, no blank edges. Raises refusals."""
    text = body.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(char for char in text if char in "\n\t" or (char >= " " and char != "\x7f")).strip()
    if not text:
        raise EmptyMessage
    if len(text) > BODY_LIMIT:
        raise MessageTooLong
    return text


def author_tag(room: Room, place: Participation) -> str:
    """Marks one person's messages under one name in one room, and links nothing else.

    Keyed with the room's secret, so that the same name in two rooms, or two names of one account,
    have tags without any relation.
    """
    return keyed_tag(derive_key(room.invite, "author"), str(place.user_id), place.name_key, length=16)


def _earlier(room: Room, author: User, client_id: str) -> Message | None:
    found: Message | None = db.session.scalar(
        select(Message).where(
            Message.author_id == author.id, Message.room_id == room.id, Message.client_id == client_id
        )
    )
    return found


def _charge(author: User) -> None:
    """Count one message of the author's minute; counted in the process while Redis is away."""
    setting = (
        registry.MAX_MESSAGES_PER_MINUTE_MEMBER if author.is_registered else registry.MAX_MESSAGES_PER_MINUTE_GUEST
    )
    bucket = Bucket("messages", f"user:{author.id}", setting.get(), MINUTE)
    try:
        limits.spend([bucket], without_redis=True)
    except limits.BucketEmpty as refusal:
        wait = refusal.retry_after or 1
        raise TooFast(
            f"{refusal.limit} messages a minute are the most. Your text is kept.",
            limit=refusal.limit,
            retry_after=wait,
        ) from None
