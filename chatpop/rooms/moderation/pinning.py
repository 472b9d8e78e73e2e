"""Pinning: one message of a room is shown on top of the log."""

from __future__ import annotations

from sqlalchemy import select

from chatpop.core.errors import DomainError
from chatpop.core.transactions import transaction
from chatpop.identity import audit
from chatpop.identity.models import User
from chatpop.rooms.finding import MessageNotFound
from chatpop.rooms.live import live
from chatpop.rooms.models import Message, Room
from chatpop.rooms.moderation import roles


class MessageIsDeleted(DomainError):
    status, code, sentence = 409, "message_is_deleted", "This message has been deleted, so it can't be pinned."


def pin(room: Room, actor: User, seq: int) -> Room:
    """Show the message on top, live for everybody, instead of the one before it.

    Raises ``MessageNotFound``, :class:`MessageIsDeleted`, ``NotLookingAfter``.
    """
    with transaction() as session:
        found = session.get_one(Room, room.id, with_for_update=True)
        roles.check_looks_after(found, actor)
        message = session.scalar(select(Message).where(Message.room_id == room.id, Message.seq == seq))
        if message is None:
            raise MessageNotFound
        if message.deleted_at is not None:
            raise MessageIsDeleted
        if found.pinned_seq == seq:
            return found
        found.pinned_seq = seq
        audit.record(session, "message_pinned", actor=actor, subject_name=message.author_name, room_id=room.id, seq=seq)
    live.tell_state(room.id)
    return found


def unpin(room: Room, actor: User, seq: int) -> Room:
    """Take it down again; nothing happens if another one is up. Raises ``NotLookingAfter``."""
    with transaction() as session:
        found = session.get_one(Room, room.id, with_for_update=True)
        roles.check_looks_after(found, actor)
        if found.pinned_seq != seq:
            return found
        found.pinned_seq = None
        audit.record(session, "message_unpinned", actor=actor, room_id=room.id, seq=seq)
    live.tell_state(room.id)
    return found
