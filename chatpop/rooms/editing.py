"""Editing a message of one's own, for a while after it was sent. What it said before is kept nowhere."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from chatpop.core import clock
from chatpop.core.errors import DomainError
from chatpop.core.texts import counted, text
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.rooms import history, mentioning, minutes
from chatpop.rooms.bodies import clean_body
from chatpop.rooms.finding import MessageNotFound
from chatpop.rooms.history import LogEntry
from chatpop.rooms.live import live
from chatpop.rooms.locking import check_is_there, locked
from chatpop.rooms.models import EventKind, Message, Participation, Room, RoomEvent
from chatpop.rooms.moderation import speaking
from chatpop.rooms.numbering import next_seq
from chatpop.settings import registry
from chatpop.uploads import attaching


class NotYoursToEdit(DomainError):
    status, code, sentence = 403, "not_yours", "Only who wrote a message can edit it."


class EditingOver(DomainError):
    status, code = 403, "editing_over"

    def __init__(self, window: int) -> None:
        told = counted(
            "A message can be edited for %(num)s minute. Your text is kept: send it as a new one.",
            "A message can be edited for %(num)s minutes. Your text is kept: send it as a new one.",
            window,
        )
        super().__init__(told if window else text("Messages can't be edited on this site."))


def edit(room: Room, author: User, place: Participation, seq: int, body: str) -> LogEntry:
    """Give an own message another text, live for everybody; files and what it answers stay. Slow mode is not asked.

    Raises what :func:`find` raises, ``EmptyMessage``, ``MessageTooLong``, ``TooFast``.
    """
    found = find(room, author, place, seq)
    has_files = bool(attaching.attachments_of([found.id]))
    text = clean_body(body, may_be_empty=has_files)
    if text == found.body:
        return history.entry_of(found, room.code)
    minutes.spend(author)
    now = clock.now()
    with transaction() as session:
        message = _checked(locked(session, room, seq), author)
        message.body, message.edited_at = text, now
        mentioning.store_anew(session, room, message)
        event = RoomEvent(
            room_id=room.id,
            seq=next_seq(session, room.id),
            kind=EventKind.EDIT,
            message_id=message.id,
            created_at=now,
        )
        session.add(event)
        is_pinned = session.get_one(Room, room.id).pinned_seq == seq
        shown = history.entry_of(message, room.code, session)
    entry = shown.after(event)
    live.announce(room.id, entry.seq, entry.kind, entry)
    if is_pinned:
        live.tell_state(room.id)
    return entry


def find(room: Room, author: User, place: Participation, seq: int) -> Message:
    """The message, if ``author`` may edit it at this moment.

    Raises ``Muted``, ``ClosedToGuests``, ``MessageNotFound``, ``MessageGone``, :class:`NotYoursToEdit`,
    :class:`EditingOver`.
    """
    speaking.check_may_write(room, author, place)
    message: Message | None = db.session.scalar(select(Message).where(Message.room_id == room.id, Message.seq == seq))
    if message is None:
        raise MessageNotFound
    return _checked(message, author)


def is_open(message: Message, user: User) -> bool:
    """Whether pages offer to edit it."""
    return message.author_id == user.id and message.deleted_at is None and not _is_over(message)


def window() -> int:
    """Minutes in which a message can be edited; 0 is never."""
    return registry.MESSAGE_EDIT_MINUTES.get()


def _checked(message: Message, author: User) -> Message:
    if message.author_id != author.id:
        raise NotYoursToEdit
    check_is_there(message)
    if _is_over(message):
        raise EditingOver(window())
    return message


def _is_over(message: Message) -> bool:
    return clock.now() - message.created_at >= timedelta(minutes=window())
