"""Reacting to a message with a sign, and taking it back."""

from __future__ import annotations

from sqlalchemy import select

from chatpop.core import clock
from chatpop.core.errors import DomainError
from chatpop.core.texts import text
from chatpop.core.transactions import transaction
from chatpop.identity.models import User
from chatpop.rooms import history, minutes
from chatpop.rooms.history import LogEntry
from chatpop.rooms.live import live
from chatpop.rooms.locking import check_is_there, locked
from chatpop.rooms.models import EventKind, Message, Participation, Room, RoomEvent
from chatpop.rooms.moderation import speaking
from chatpop.rooms.numbering import next_seq
from chatpop.rooms.reaction_models import PALETTE, Reaction
from chatpop.rooms.tags import author_tag


class UnknownSign(DomainError):
    status, code = 422, "unknown_sign"
    sentence = text("One can react with %(join)s only.", join=" ".join(PALETTE))


class UnderAnotherName(DomainError):
    """A change would tell everybody that two names are one person's."""

    status, code = 409, "under_another_name"
    sentence = "You have reacted like this under another name that you had in this room. That stays as it is."


def toggle(room: Room, user: User, place: Participation, seq: int, emoji: str) -> LogEntry:
    """React, or take one's reaction back. Raises what :func:`react` raises."""
    return _set(room, user, place, seq, emoji, None)


def react(room: Room, user: User, place: Participation, seq: int, emoji: str) -> LogEntry:
    """Set a sign under a message, live for everybody; doing it twice is doing it once.

    Slow mode is not asked; as many a minute as messages, counted by themselves. Raises :class:`UnknownSign`,
    :class:`UnderAnotherName`, ``Muted``, ``ClosedToGuests``, ``TooFast``, ``MessageNotFound``, ``MessageGone``.
    """
    return _set(room, user, place, seq, emoji, True)


def take_back(room: Room, user: User, place: Participation, seq: int, emoji: str) -> LogEntry:
    """The opposite. Raises what :func:`react` raises."""
    return _set(room, user, place, seq, emoji, False)


def _set(room: Room, user: User, place: Participation, seq: int, emoji: str, wanted: bool | None) -> LogEntry:
    """``wanted`` is whether the sign is to be there; None is the opposite of what is."""
    if emoji not in PALETTE:
        raise UnknownSign
    speaking.check_may_write(room, user, place)
    minutes.spend(user, "reactions")
    with transaction() as session:
        message = locked(session, room, seq)
        check_is_there(message)
        own = session.scalar(
            select(Reaction).where(
                Reaction.message_id == message.id, Reaction.user_id == user.id, Reaction.emoji == emoji
            )
        )
        if own is not None and own.tag != author_tag(room, place):
            raise UnderAnotherName
        if wanted is (own is not None):
            return history.entry_of(message, room.code, session)
        if own is None:
            session.add(_new(room, user, place, message, emoji))
            message.is_reacted_to = True
        else:
            session.delete(own)
        event = RoomEvent(
            room_id=room.id,
            seq=next_seq(session, room.id),
            kind=EventKind.REACTION,
            message_id=message.id,
            created_at=clock.now(),
        )
        session.add(event)
        session.flush()
        entry = history.entry_of(message, room.code, session).after(event)
    live.announce(room.id, entry.seq, entry.kind, entry)
    return entry


def _new(room: Room, user: User, place: Participation, message: Message, emoji: str) -> Reaction:
    return Reaction(
        message_id=message.id,
        user_id=user.id,
        emoji=emoji,
        tag=author_tag(room, place),
        name=place.name,
        created_at=clock.now(),
    )
