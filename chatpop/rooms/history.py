"""Reading a room's log: pages of messages for people, entries after a number for live streams."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from chatpop.core import database
from chatpop.extensions import db
from chatpop.rooms.models import EventKind, Message, Room, RoomEvent

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One number of a room's log: a message as it stands now, or what happened to one later."""

    seq: int
    kind: str
    message: Message
    code: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Messages, oldest first; ``older`` is the number to read on before, None at the beginning."""

    messages: list[Message]
    older: int | None


def page(room_id: int, *, before: int | None = None, after: int | None = None) -> Page:
    """Up to 50 messages: the newest, those before a number, or those after one."""
    statement = select(Message).where(Message.room_id == room_id)
    if after is not None:
        later = statement.where(Message.seq > after).order_by(Message.seq).limit(PAGE_SIZE)
        return Page(list(db.session.scalars(later)), None)
    if before is not None:
        statement = statement.where(Message.seq < before)
    found = list(db.session.scalars(statement.order_by(Message.seq.desc()).limit(PAGE_SIZE + 1)))
    shown = found[:PAGE_SIZE][::-1]
    return Page(shown, shown[0].seq if len(found) > PAGE_SIZE else None)


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
        )
        entries = [LogEntry(message.seq, EventKind.MESSAGE, message, code) for message in messages]
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
