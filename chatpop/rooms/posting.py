"""Writing to a room's log: a message, or the deletion of one's own or, for who looks after the room, of any."""

from __future__ import annotations

from collections.abc import Sequence
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
from chatpop.identity import audit
from chatpop.identity.models import User
from chatpop.rooms import history
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
from chatpop.rooms.moderation import roles, speaking
from chatpop.settings import registry
from chatpop.uploads import attaching, retention
from chatpop.uploads.models import Upload

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
    status, code, sentence = 403, "not_yours", "Only who wrote a message, or who looks after the room, can delete it."


class MessageNotFound(NotFound):
    code, sentence = "message_not_found", "There is no such message in this room."


class TooFast(TooMany):
    code = "too_fast"


class SlowMode(TooMany):
    code = "slow_mode"


@dataclass(frozen=True, slots=True)
class Posted:
    """The stored message; ``is_new`` is False when the same client_id had stored it before."""

    entry: LogEntry
    is_new: bool


def post(
    room: Room, author: User, place: Participation, body: str, client_id: str, attachments: Sequence[str] = ()
) -> Posted:
    """Store a message and tell everybody. Sending the same ``client_id`` twice stores once.

    ``attachments`` are the public ids of files brought for it; with some, it may do without a text.
    Raises :class:`EmptyMessage`, :class:`MessageTooLong`, :class:`BadClientId`, :class:`TooFast`,
    :class:`SlowMode`, ``Muted``, ``ClosedToGuests``, ``NotAttachable``.
    """
    text = clean_body(body, may_be_empty=bool(attachments))
    check_client_id(client_id)
    earlier = find_posted(room, author, client_id)
    if earlier is not None:
        return earlier
    speaking.check_may_write(room, author, place)
    _charge(room, author, place)
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
            files = _attach(session, message, attachments)
    except IntegrityError:
        stored = find_posted(room, author, client_id)  # the same message, sent twice at once
        if stored is None:
            raise
        return stored
    entry = LogEntry(message.seq, EventKind.MESSAGE, message, room.code, files)
    live.announce(room.id, entry.seq, entry.kind, entry)
    return Posted(entry, True)


def delete(room: Room, user: User, seq: int) -> Message:
    """Take back one's own message, or remove another's as somebody who looks after the room.

    Live for everybody; its files go, its place in the log stays, and it is pinned no more. Deleting twice is
    deleting once. Raises :class:`MessageNotFound`, :class:`NotYours`, ``OutOfReach``.
    """
    with transaction() as session:
        _lock_owners_of_files(session, room, seq)
        message: Message | None = session.scalar(
            select(Message).where(Message.room_id == room.id, Message.seq == seq).with_for_update()
        )
        if message is None:
            raise MessageNotFound
        is_own = message.author_id == user.id
        if not is_own:
            _check_may_remove(session, room, user, message)
        if message.deleted_at is not None:
            return message
        now = clock.now()
        message.deleted_at, message.body, message.is_removed = now, "", not is_own
        retention.delete_of_message(session, message.id)
        event = RoomEvent(
            room_id=room.id,
            seq=next_seq(session, room.id),
            kind=EventKind.DELETE,
            message_id=message.id,
            created_at=now,
        )
        session.add(event)
        was_pinned = _unpin(session, room, seq)
    live.announce(room.id, event.seq, event.kind, LogEntry(event.seq, event.kind, message, room.code))
    if was_pinned:
        live.tell_state(room.id)
    return message


def next_seq(session: Session, room_id: int, active_at: datetime | None = None) -> int:
    """The room's next log number; holds the room's row until the commit, so numbers come in commit order."""
    values: dict[str, object] = {"last_seq": Room.last_seq + 1}
    if active_at is not None:
        values["active_at"] = active_at
    statement = update(Room).where(Room.id == room_id).values(**values).returning(Room.last_seq)
    return session.execute(statement.execution_options(synchronize_session=False)).scalar_one()


def clean_body(body: str, *, may_be_empty: bool = False) -> str:
    """The text as it is stored: LF line ends, no control characters, no blank edges. Raises refusals."""
    text = body.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(char for char in text if char in "\n\t" or (char >= " " and char != "\x7f")).strip()
    if not text and not may_be_empty:
        raise EmptyMessage
    if len(text) > BODY_LIMIT:
        raise MessageTooLong
    return text


def check_client_id(client_id: str) -> None:
    """Raises :class:`BadClientId`."""
    if not 1 <= len(client_id) <= CLIENT_ID_LIMIT or not client_id.isprintable():
        raise BadClientId


def author_tag(room: Room, place: Participation) -> str:
    """Marks one person's messages under one name in one room, and links nothing else.

    Keyed with the room's secret, so that the same name in two rooms, or two names of one account,
    have tags without any relation.
    """
    return keyed_tag(derive_key(room.invite, "author"), str(place.user_id), place.name_key, length=16)


def find_posted(room: Room, author: User, client_id: str) -> Posted | None:
    """The author's message that has been stored under this id."""
    found: Message | None = db.session.scalar(
        select(Message).where(
            Message.author_id == author.id, Message.room_id == room.id, Message.client_id == client_id
        )
    )
    if found is None:
        return None
    files = history.files_of([found]).get(found.id, ())
    return Posted(LogEntry(found.seq, EventKind.MESSAGE, found, room.code, files), False)


def _attach(session: Session, message: Message, attachments: Sequence[str]) -> list[Upload]:
    """Nothing is asked for a message without files. Raises ``NotAttachable``."""
    if not attachments:
        return []
    session.flush()
    return attaching.attach(session, message.id, attachments, message.author_id or 0, message.room_id)


def _lock_owners_of_files(session: Session, room: Room, seq: int) -> None:
    """Whoever has a message's files removed locks their owners: before the message, as a merge does."""
    owners = select(Upload.owner_id).join(Message, Message.id == Upload.message_id)
    whose = owners.where(Message.room_id == room.id, Message.seq == seq)
    session.execute(select(User.id).where(User.id.in_(whose)).order_by(User.id).with_for_update())


def _check_may_remove(session: Session, room: Room, user: User, message: Message) -> None:
    """Raises :class:`NotYours`, ``OutOfReach``; the audit line of the removal is written."""
    if not roles.role_of(session.get_one(Room, room.id), user).looks_after:
        raise NotYours
    _, author = roles.check_reach(session, room, user, message.author_id, lock=False)
    if message.deleted_at is None:
        audit.record(
            session,
            "message_removed",
            actor=user,
            subject=author,
            subject_name=message.author_name,
            room_id=room.id,
            seq=message.seq,
        )


def _unpin(session: Session, room: Room, seq: int) -> bool:
    """What is deleted is shown on top no more; whether it was."""
    statement = update(Room).where(Room.id == room.id, Room.pinned_seq == seq).values(pinned_seq=None)
    done = session.execute(statement.execution_options(synchronize_session=False))
    return bool(done.rowcount)  # type: ignore[attr-defined]


def _charge(room: Room, author: User, place: Participation) -> None:
    """Count one message of the author's minute, and of the room's pace; in the process while Redis is away."""
    setting = (
        registry.MAX_MESSAGES_PER_MINUTE_MEMBER if author.is_registered else registry.MAX_MESSAGES_PER_MINUTE_GUEST
    )
    bucket = Bucket("messages", f"user:{author.id}", setting.get(), MINUTE)
    try:
        limits.spend([bucket, *speaking.pace(room, author, place)], without_redis=True)
    except limits.BucketEmpty as refusal:
        wait = refusal.retry_after or 1
        if refusal.bucket.what != bucket.what:
            raise SlowMode(
                f"Slow mode: one message every {room.slow_mode_seconds} seconds in this room. Your text is kept.",
                limit=refusal.limit,
                retry_after=wait,
            ) from None
        raise TooFast(
            f"{refusal.limit} messages a minute are the most. Your text is kept.",
            limit=refusal.limit,
            retry_after=wait,
        ) from None
