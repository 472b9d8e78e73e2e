"""Slow mode: the least time between two messages of one person in a room."""

from __future__ import annotations

from chatpop.core.errors import DomainError
from chatpop.core.texts import text
from chatpop.core.transactions import transaction
from chatpop.identity import audit
from chatpop.identity.models import User
from chatpop.rooms.live import live
from chatpop.rooms.models import Room
from chatpop.rooms.moderation import roles
from chatpop.rooms.pace import MOST_SECONDS


class BadPace(DomainError):
    status, code = 422, "bad_pace"
    sentence = text(
        "Slow mode is a whole number of seconds, at most %(most_seconds)s; 0 turns it off.", most_seconds=MOST_SECONDS
    )


def change(room: Room, actor: User, seconds: int) -> Room:
    """Set the pace, live for everybody. Raises :class:`BadPace`, ``NotLookingAfter``."""
    if not 0 <= seconds <= MOST_SECONDS:
        raise BadPace
    with transaction() as session:
        found = session.get_one(Room, room.id, with_for_update=True)
        roles.check_looks_after(found, actor)
        if found.slow_mode_seconds == seconds:
            return found
        found.slow_mode_seconds = seconds
        audit.record(session, "slow_mode_changed", actor=actor, room_id=room.id, seconds=seconds)
    live.tell_state(room.id)
    return found
