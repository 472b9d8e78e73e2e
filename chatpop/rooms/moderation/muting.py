"""Muting: somebody may read and stay, but not write, until a moment."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from chatpop.core import clock
from chatpop.core.errors import DomainError, NotFound
from chatpop.core.texts import text
from chatpop.core.transactions import transaction
from chatpop.identity import audit
from chatpop.identity.models import User
from chatpop.rooms.models import REASON_LIMIT, Mute, Room
from chatpop.rooms.moderation import roles
from chatpop.rooms.moderation.persons import Person

LENGTHS = {
    "10m": ("10 minutes", timedelta(minutes=10)),
    "1h": (text("an hour"), timedelta(hours=1)),
    "1d": (text("a day"), timedelta(days=1)),
    "7d": (text("a week"), timedelta(days=7)),
    "30d": ("30 days", timedelta(days=30)),
}
"""What can be chosen: how it is called, and how long it is."""


class BadLength(DomainError):
    status, code, sentence = 422, "bad_length", "Choose for how long."


class MuteNotFound(NotFound):
    code, sentence = "mute_not_found", "Nobody is muted like this any more."


def mute(room: Room, actor: User, person: Person, length: str, reason: str = "") -> Mute:
    """Silence ``person`` from now on; a second mute replaces the first.

    Raises :class:`BadLength`, ``NotLookingAfter``, ``OutOfReach``.
    """
    if length not in LENGTHS:
        raise BadLength
    with transaction() as session:
        roles.check_reach(session, room, actor, person.user.id)
        row = session.scalar(select(Mute).where(Mute.room_id == room.id, Mute.user_id == person.user.id))
        if row is None:
            row = Mute(room_id=room.id, user_id=person.user.id)
            session.add(row)
        row.shown_name, row.reason, row.placed_by = person.name, reason.strip()[:REASON_LIMIT], actor.id
        row.placed_at = clock.now()
        row.until = row.placed_at + LENGTHS[length][1]
        audit.record(
            session,
            "muted",
            actor=actor,
            subject=person.user,
            subject_name=person.name,
            room_id=room.id,
            until=row.until.isoformat(),
            reason=row.reason,
        )
    return row


def unmute(room: Room, actor: User, mute_id: int) -> Mute:
    """Let somebody write again. Raises :class:`MuteNotFound`, ``NotLookingAfter``."""
    with transaction() as session:
        roles.check_looks_after(session.get_one(Room, room.id), actor)
        row = session.get(Mute, mute_id)
        if row is None or row.room_id != room.id:
            raise MuteNotFound
        subject = session.get(User, row.user_id)
        audit.record(session, "unmuted", actor=actor, subject=subject, subject_name=row.shown_name, room_id=room.id)
        session.delete(row)
    return row
