"""A room's log to take away: every message as it stands, under the names that everybody saw."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from chatpop.core import database
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity import audit
from chatpop.identity.models import User
from chatpop.rooms import history
from chatpop.rooms.history import LogEntry
from chatpop.rooms.models import Message, Room
from chatpop.rooms.moderation import roles

BATCH = 500


def note(room: Room, actor: User, form: str) -> None:
    """Write down that the log is taken away. Raises ``NotLookingAfter``, ``NotLeading``."""
    with transaction() as session:
        roles.check_leads(session.get_one(Room, room.id), actor)
        audit.record(session, "room_exported", actor=actor, room_id=room.id, form=form)


def batches(room_id: int, last_seq: int) -> Iterator[list[LogEntry]]:
    """All messages with their files up to ``last_seq``, oldest first; a connection of its own for each batch."""
    after = 0
    while True:
        with database.reading(), Session(db.engine, expire_on_commit=False) as session:
            some = select(Message).where(Message.room_id == room_id, Message.seq > after, Message.seq <= last_seq)
            found = list(session.scalars(some.order_by(Message.seq).limit(BATCH)))
            entries = history.entries_of(found, "", session)
            session.expunge_all()
        if not found:
            return
        yield entries
        after = found[-1].seq


def described(entry: LogEntry) -> dict[str, Any]:
    """One message for a program; no account, no address."""
    message = entry.message
    return {
        "seq": message.seq,
        "author": message.author_name,
        "author_tag": message.author_tag,
        "is_verified": message.author_is_verified,
        "reply_to": message.reply_to_seq,
        "body": message.body,
        "is_deleted": message.deleted_at is not None,
        "is_removed": message.is_removed,
        "reactions": {tally.emoji: tally.count for tally in entry.tallies},
        "files": [{"name": one.name, "id": one.public_id, "size": one.size} for one in entry.files],
        "created_at": message.created_at.isoformat(),
        "edited_at": message.edited_at.isoformat() if message.edited_at is not None else None,
    }
