"""A message that a transaction is about to change. Of two changes at once the one that comes second sees the other."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from chatpop.rooms.finding import MessageGone, MessageNotFound
from chatpop.rooms.models import Message, Room


def locked(session: Session, room: Room, seq: int) -> Message:
    """The message, deleted or not; nobody else changes it until the transaction ends. Raises ``MessageNotFound``.

    Users who are to be locked too come before it, as in a merge.
    """
    statement = select(Message).where(Message.room_id == room.id, Message.seq == seq)
    message: Message | None = session.scalar(statement.with_for_update())
    if message is None:
        raise MessageNotFound
    return message


def check_is_there(message: Message) -> None:
    """Raises ``MessageGone``."""
    if message.deleted_at is not None:
        raise MessageGone
