"""Replies: a message may name an earlier one of its room, and shows the beginning of it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from chatpop.core.errors import DomainError
from chatpop.extensions import db
from chatpop.rooms.models import Message, Room

WORDS_LIMIT = 120
"""Characters of the original that a reply shows."""


class NothingToReplyTo(DomainError):
    """There is no such message in the room, or it has been deleted."""

    status, code = 422, "nothing_to_reply_to"
    sentence = "The message you reply to is not there any more. Your text is kept: send it without the reply."


def find_original(room: Room, seq: int | None) -> Message | None:
    """The message that is to be answered; None for no reply. Raises :class:`NothingToReplyTo`."""
    found = look_up(room, seq)
    if found is None and seq is not None:
        raise NothingToReplyTo
    return found


def look_up(room: Room, seq: int | None) -> Message | None:
    """The message with this number, unless it has been deleted; no query for no number."""
    if seq is None:
        return None
    found: Message | None = db.session.scalar(select(Message).where(Message.room_id == room.id, Message.seq == seq))
    return found if found is not None and found.deleted_at is None else None


def originals_of(messages: Iterable[Message], session: Session | None = None) -> dict[int, Message]:
    """Message id -> what it answers, for messages of one room in one query; none where nothing is a reply.

    ``session`` is one to use in place of the request's.
    """
    replies = [(message.id, message.room_id, message.reply_to_seq) for message in messages if message.reply_to_seq]
    if not replies:
        return {}
    wanted = select(Message).where(
        Message.room_id.in_({room_id for _, room_id, _ in replies}), Message.seq.in_({seq for _, _, seq in replies})
    )
    found = {(original.room_id, original.seq): original for original in (session or db.session).scalars(wanted)}
    return {reply_id: found[room_id, seq] for reply_id, room_id, seq in replies if (room_id, seq) in found}
