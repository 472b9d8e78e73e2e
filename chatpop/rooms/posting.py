"""Writing a message to a room's log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.dml import ReturningInsert

from chatpop.core import clock, limits
from chatpop.core.errors import DomainError, TooMany
from chatpop.core.texts import text
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.rooms import history, mentioning, minutes, notifying, replying
from chatpop.rooms.bodies import clean_body
from chatpop.rooms.history import LogEntry
from chatpop.rooms.live import live
from chatpop.rooms.models import CLIENT_ID_LIMIT, EventKind, Message, Participation, Room
from chatpop.rooms.moderation import speaking
from chatpop.rooms.numbering import next_seq_on
from chatpop.rooms.tags import author_tag
from chatpop.uploads import attaching


class BadClientId(DomainError):
    status, code = 400, "bad_client_id"
    sentence = text(
        "The field client_id must be a text of 1 to %(client_id_limit)s printable characters.",
        client_id_limit=CLIENT_ID_LIMIT,
    )


class SlowMode(TooMany):
    code = "slow_mode"


@dataclass(frozen=True, slots=True)
class Posted:
    """The stored message; ``is_new`` is False when the same client_id had stored it before."""

    entry: LogEntry
    is_new: bool


def post(
    room: Room,
    author: User,
    place: Participation,
    body: str,
    client_id: str,
    attachments: Sequence[str] = (),
    reply_to: int | None = None,
) -> Posted:
    """Store a message and tell everybody. Sending the same ``client_id`` twice stores once.

    ``attachments`` are the public ids of files brought for it; with some, it may do without a text.
    ``reply_to`` is the number of the message that is answered.
    Raises ``EmptyMessage``, ``MessageTooLong``, :class:`BadClientId`, ``TooFast``,
    :class:`SlowMode`, ``Muted``, ``ClosedToGuests``, ``NotAttachable``, ``NothingToReplyTo``.
    """
    text = clean_body(body, may_be_empty=bool(attachments))
    check_client_id(client_id)
    earlier = find_posted(room, author, client_id)
    if earlier is not None:
        return earlier
    speaking.check_may_write(room, author, place)
    original = replying.find_original(room, reply_to)
    _charge(room, author, place)
    row = {
        "room_id": room.id,
        "author_id": author.id,
        "author_name": place.name,
        "author_tag": author_tag(room, place),
        "author_is_verified": author.is_registered and place.name == author.username,
        "body": text,
        "client_id": client_id,
        "reply_to_seq": reply_to,
    }
    try:
        with transaction() as session:
            message = store(session.connection(), row)
            files = attaching.attach(session, message.id, attachments, author.id, room.id)
            mentions = mentioning.store(session, room, message) if "@" in text else ()
    except IntegrityError:
        stored = find_posted(room, author, client_id)  # the same message, sent twice at once
        if stored is None:
            raise
        return stored
    entry = LogEntry(message.seq, EventKind.MESSAGE, message, room.code, files, original, mentions=mentions)
    live.announce(room.id, entry.seq, entry.kind, entry)
    notifying.tell_later(message, is_calling=bool(mentions))
    return Posted(entry, True)


def store(connection: Connection, row: dict[str, Any]) -> Message:
    """Write a message's row with its number and its moment; in a writing transaction.

    Raises ``IntegrityError`` where the author has stored one with its ``client_id`` before.
    """
    now = clock.now()
    row |= {"seq": next_seq_on(connection, row["room_id"], now), "created_at": now, "is_removed": False}
    row["id"] = connection.execute(_insert(), row).scalar_one()
    return Message(**row)


def check_client_id(client_id: str) -> None:
    """Raises :class:`BadClientId`."""
    if not 1 <= len(client_id) <= CLIENT_ID_LIMIT or not client_id.isprintable():
        raise BadClientId


def find_posted(room: Room, author: User, client_id: str) -> Posted | None:
    """The author's message that has been stored under this id."""
    asked = {"author_id": author.id, "room_id": room.id, "client_id": client_id}
    message_id = db.session.connection().execute(_earlier(), asked).scalar()
    if message_id is None:
        return None
    return Posted(history.entry_of(db.session.get_one(Message, message_id), room.code), False)


@cache
def _earlier() -> Select[int]:
    """Kept, like :func:`_insert`: rows are read and written without the ORM, which takes thrice as long."""
    return select(Message.id).where(
        Message.author_id == bindparam("author_id"),
        Message.room_id == bindparam("room_id"),
        Message.client_id == bindparam("client_id"),
    )


@cache
def _insert() -> ReturningInsert[int]:
    return insert(Message.__table__).returning(Message.id)  # type: ignore[arg-type]


def _charge(room: Room, author: User, place: Participation) -> None:
    """Count one message of the author's minute, and of the room's pace; in the process while Redis is away."""
    bucket = minutes.bucket_of(author)
    try:
        limits.spend([bucket, *speaking.pace(room, author, place)], without_redis=True)
    except limits.BucketEmpty as refusal:
        if refusal.bucket.what == bucket.what:
            raise minutes.TooFast(refusal) from None
        raise SlowMode(
            text(
                "Slow mode: one message every %(seconds)s seconds in this room. Your text is kept.",
                seconds=room.slow_mode_seconds,
            ),
            limit=refusal.limit,
            retry_after=refusal.retry_after or 1,
        ) from None
