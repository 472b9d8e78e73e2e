"""Reading a room's log: pages of messages for people, entries after a number for live streams."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from chatpop.core import database
from chatpop.extensions import db
from chatpop.rooms import reactions, replying
from chatpop.rooms.mention_models import Mention
from chatpop.rooms.mentioning import mentions_of
from chatpop.rooms.models import EventKind, Message, Room, RoomEvent
from chatpop.rooms.reactions import Tally
from chatpop.uploads import attaching
from chatpop.uploads.models import Upload

PAGE_SIZE = 50
AFTER_IT = 25
"""How many messages are shown after the one that a link leads to."""


@dataclass(slots=True)
class LogEntry:
    """One number of a room's log: a message as it stands now, or what happened to one later."""

    seq: int
    kind: str
    message: Message
    code: str = ""
    files: Sequence[Upload] = ()
    """What hangs on the message."""
    original: Message | None = None
    """What the message answers."""
    tallies: Sequence[Tally] = ()
    """The reactions it has got."""
    mentions: Sequence[Mention] = ()
    """Whom the message calls."""
    fragment: str | None = field(default=None, compare=False, repr=False)
    """The markup, once it is made: the stream sends it, and the reply brings the same."""

    def after(self, event: RoomEvent) -> LogEntry:
        """The same message, as the entry of what has happened to it."""
        return replace(self, seq=event.seq, kind=event.kind, fragment=None)


@dataclass(frozen=True, slots=True)
class RoomState:
    """What holds in a room besides its log. Two of them are equal when nobody would see a difference."""

    code: str
    slow_mode_seconds: int
    is_closed: bool
    pinned_seq: int | None
    pinned: Message | None = field(default=None, compare=False)
    pinned_edited_at: datetime | None = None

    @property
    def is_plain(self) -> bool:
        return not (self.slow_mode_seconds or self.is_closed or self.pinned_seq)


@dataclass(frozen=True, slots=True)
class Page:
    """Messages, oldest first; ``older`` is the number to read on before, None at the beginning."""

    entries: list[LogEntry]
    older: int | None


def page(room: Room, *, before: int | None = None, after: int | None = None) -> Page:
    """Up to 50 messages: the newest, those before a number, or those after one."""
    statement = select(Message).where(Message.room_id == room.id)
    if after is not None:
        later = statement.where(Message.seq > after).order_by(Message.seq).limit(PAGE_SIZE)
        return Page(entries_of(db.session.scalars(later).all(), room.code), None)
    if before is not None:
        statement = statement.where(Message.seq < before)
    found = list(db.session.scalars(statement.order_by(Message.seq.desc()).limit(PAGE_SIZE + 1)))
    shown = found[:PAGE_SIZE][::-1]
    return Page(entries_of(shown, room.code), shown[0].seq if len(found) > PAGE_SIZE else None)


def end_of_page_around(room_id: int, seq: int) -> int | None:
    """The number before which a page shows the message ``seq`` and what came after it; None: the newest page does."""
    later = select(Message.seq).where(Message.room_id == room_id, Message.seq > seq).order_by(Message.seq)
    return db.session.scalar(later.offset(AFTER_IT).limit(1))


def entries_of(messages: Sequence[Message], code: str, session: Session | None = None) -> list[LogEntry]:
    """Messages of one room with all that is shown with them, however many they are in the same few queries.

    ``session`` is one to use in place of the request's.
    """
    files, originals = _files_of(messages, session), replying.originals_of(messages, session)
    tallies = reactions.tallies_of(messages, session)
    mentions = mentions_of(messages, session)
    return [
        LogEntry(
            one.seq,
            EventKind.MESSAGE,
            one,
            code,
            files.get(one.id, ()),
            originals.get(one.id),
            tallies.get(one.id, ()),
            mentions.get(one.id, ()),
        )
        for one in messages
    ]


def entry_of(message: Message, code: str, session: Session | None = None) -> LogEntry:
    """One message with all that is shown with it."""
    return entries_of([message], code, session)[0]


def message_entry(room_id: int, seq: int) -> LogEntry | None:
    """One message as it stands now, with its files. Uses a connection of its own."""
    with database.reading(), Session(db.engine, expire_on_commit=False) as session:
        statement = select(Message, Room.code).join(Room, Room.id == Message.room_id)
        row = session.execute(statement.where(Message.room_id == room_id, Message.seq == seq)).one_or_none()
        if row is None:
            return None
        message, code = row
        entry = entry_of(message, code, session)
        session.expunge_all()
    return entry


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
        events = session.execute(
            select(RoomEvent, Message)
            .join(Message, Message.id == RoomEvent.message_id)
            .where(RoomEvent.room_id == room_id, RoomEvent.seq > after, RoomEvent.seq <= last)
            .order_by(RoomEvent.seq)
            .limit(limit)
        ).all()
        altered = [message for _, message in events]
        shown = {entry.message.id: entry for entry in entries_of([*messages, *altered], code, session)}
        entries = [shown[message.id] for message in messages]
        entries += [shown[message.id].after(event) for event, message in events]
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
    edited_at = pinned.edited_at if pinned is not None else None
    return RoomState(room.code, room.slow_mode_seconds, room.is_closed_to_guests, room.pinned_seq, pinned, edited_at)


def present_state(room: Room) -> RoomState:
    """The state of a room at hand; a query only where a message is pinned."""
    if room.pinned_seq is None:
        return state_of(room, None)
    pinned = select(Message).where(Message.room_id == room.id, Message.seq == room.pinned_seq)
    return state_of(room, db.session.scalar(pinned))


def _files_of(messages: Iterable[Message], session: Session | None) -> dict[int, list[Upload]]:
    """Message id -> its files, in one query."""
    return attaching.attachments_of([message.id for message in messages if message.deleted_at is None], session)
