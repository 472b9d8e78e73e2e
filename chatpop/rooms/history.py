"""Reading a room's log: pages of messages for people, entries after a number for live streams."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from chatpop.core import database
from chatpop.extensions import db
from chatpop.rooms.models import EventKind, Message, Room, RoomEvent
from chatpop.uploads import attaching
from chatpop.uploads.models import Upload

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One number of a room's log: a message as it stands now, or what happened to one later."""

    seq: int
    kind: str
    message: Message
    code: str = ""
    files: Sequence[Upload] = ()
    """What hangs on the message."""


@dataclass(frozen=True, slots=True)
class RoomState:
    """What holds in a room besides its log. Two of them are equal when nobody would see a difference."""

    code: str
    slow_mode_seconds: int
    is_closed: bool
    pinned_seq: int | None
    pinned: Message | None = field(default=None, compare=False)

    @property
    def is_plain(self) -> bool:
        return not (self.slow_mode_seconds or self.is_closed or self.pinned_seq)


@dataclass(frozen=True, slots=True)
class Page:
    """Messages, oldest first; ``older`` is the number to read on before, None at the beginning.

    ``files`` are those of the messages, by message id.
    """

    messages: list[Message]
    older: int | None
    files: Mapping[int, Sequence[Upload]]


def page(room_id: int, *, before: int | None = None, after: int | None = None) -> Page:
    """Up to 50 messages: the newest, those before a number, or those after one."""
    statement = select(Message).where(Message.room_id == room_id)
    if after is not None:
        later = statement.where(Message.seq > after).order_by(Message.seq).limit(PAGE_SIZE)
        shown = list(db.session.scalars(later))
        return Page(shown, None, files_of(shown))
    if before is not None:
        statement = statement.where(Message.seq < before)
    found = list(db.session.scalars(statement.order_by(Message.seq.desc()).limit(PAGE_SIZE + 1)))
    shown = found[:PAGE_SIZE][::-1]
    return Page(shown, shown[0].seq if len(found) > PAGE_SIZE else None, files_of(shown))


def files_of(messages: Iterable[Message], session: Session | None = None) -> dict[int, list[Upload]]:
    """Message id -> its files, in one query; ``session`` is one to use in place of the request's."""
    return attaching.attachments_of([message.id for message in messages if message.deleted_at is None], session)


def message_entry(room_id: int, seq: int) -> LogEntry | None:
    """One message as it stands now, with its files. Uses a connection of its own."""
    with database.reading(), Session(db.engine, expire_on_commit=False) as session:
        statement = select(Message, Room.code).join(Room, Room.id == Message.room_id)
        row = session.execute(statement.where(Message.room_id == room_id, Message.seq == seq)).one_or_none()
        if row is None:
            return None
        message, code = row
        files = files_of([message], session).get(message.id, [])
        session.expunge_all()
    return LogEntry(seq, EventKind.MESSAGE, message, code, files)


def read_log(room_id: int, after: int, limit: int = 200) -> list[LogEntry]:
    """Log entries with a number above ``after``, ascending and without a gap, ``limit`` at most.

    Numbers are given under the room's row lock, so their order is the order of commits and what is
    read is always a whole prefix of what follows ``after``. Uses a connection of its own.
    """
    with database.reading(), Session(db.engine, expire_on_commit=False) as session:
        room = session.execute(select(Room.code, Room.last_seq).where(Room.id == room_id)).one_or_none()
        if room is None:
            return []
        code, last = room  # PostgreSQL shows each statement its own moment: read nothing above the first one's
        messages = session.scalars(
            select(Message)
            .where(Message.room_id == room_id, Message.seq > after, Message.seq <= last)
            .order_by(Message.seq)
            .limit(limit)
        ).all()
        files = files_of(messages, session)
        entries = [
            LogEntry(message.seq, EventKind.MESSAGE, message, code, files.get(message.id, ())) for message in messages
        ]
        events = session.execute(
            select(RoomEvent, Message)
            .join(Message, Message.id == RoomEvent.message_id)
            .where(RoomEvent.room_id == room_id, RoomEvent.seq > after, RoomEvent.seq <= last)
            .order_by(RoomEvent.seq)
            .limit(limit)
        )
        entries += [LogEntry(event.seq, event.kind, message, code) for event, message in events]
        session.expunge_all()
    return sorted(entries, key=lambda entry: entry.seq)[:limit]


def last_seqs(room_ids: Iterable[int]) -> dict[int, int]:
    """The number of the newest log entry by room id, for many rooms in one query."""
    with database.reading(), db.engine.connect() as connection:
        rows = connection.execute(select(Room.id, Room.last_seq).where(Room.id.in_(list(room_ids))))
        return {row.id: row.last_seq for row in rows}


def states(room_ids: Iterable[int]) -> dict[int, RoomState]:
    """The state of many rooms in one query. Uses a connection of its own."""
    pinned = (Message.room_id == Room.id) & (Message.seq == Room.pinned_seq)
    with database.reading(), Session(db.engine, expire_on_commit=False) as session:
        rows = session.execute(
            select(Room, Message).outerjoin(Message, pinned).where(Room.id.in_(list(room_ids)))
        ).all()
        session.expunge_all()
    return {room.id: state_of(room, message) for room, message in rows}


def state_of(room: Room, pinned: Message | None) -> RoomState:
    """The state of a room at hand, with its pinned message."""
    return RoomState(room.code, room.slow_mode_seconds, room.is_closed_to_guests, room.pinned_seq, pinned)


def present_state(room: Room) -> RoomState:
    """The state of a room at hand; a query only where a message is pinned."""
    if room.pinned_seq is None:
        return state_of(room, None)
    pinned = select(Message).where(Message.room_id == room.id, Message.seq == room.pinned_seq)
    return state_of(room, db.session.scalar(pinned))
