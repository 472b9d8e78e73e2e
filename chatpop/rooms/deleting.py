"""Taking a message out of the log: one's own or, for who looks after the room, any."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from chatpop.core import clock
from chatpop.core.errors import DomainError
from chatpop.core.transactions import transaction
from chatpop.identity import audit
from chatpop.identity.models import User
from chatpop.rooms import mentioning
from chatpop.rooms.history import LogEntry
from chatpop.rooms.live import live
from chatpop.rooms.locking import locked
from chatpop.rooms.models import EventKind, Message, Room, RoomEvent
from chatpop.rooms.moderation import roles
from chatpop.rooms.numbering import next_seq
from chatpop.uploads import retention
from chatpop.uploads.models import Upload


class NotYours(DomainError):
    status, code, sentence = 403, "not_yours", "Only who wrote a message, or who looks after the room, can delete it."


def delete(room: Room, user: User, seq: int) -> Message:
    """Take back one's own message, or remove another's as somebody who looks after the room.

    Live for everybody; its files go, its place in the log stays, and it is pinned no more. Deleting twice is
    deleting once. Raises ``MessageNotFound``, :class:`NotYours`, ``OutOfReach``.
    """
    with transaction() as session:
        _lock_owners_of_files(session, room, seq)
        message = locked(session, room, seq)
        is_own = message.author_id == user.id
        if not is_own:
            _check_may_remove(session, room, user, message)
        if message.deleted_at is not None:
            return message
        now = clock.now()
        message.deleted_at, message.body, message.is_removed = now, "", not is_own
        retention.delete_of_message(session, message.id)
        mentioning.forget(session, message.id)
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
