"""Closing a room to guests: members alone may join and write; reading stays as it was."""

from __future__ import annotations

from chatpop.core import clock
from chatpop.core.transactions import transaction
from chatpop.identity import audit
from chatpop.identity.models import User
from chatpop.rooms.live import live
from chatpop.rooms.models import Room
from chatpop.rooms.moderation import roles


def close(room: Room, actor: User) -> Room:
    """From now on for members only, live for everybody. Raises ``NotLookingAfter``."""
    return _set(room, actor, closed=True)


def reopen(room: Room, actor: User) -> Room:
    """From now on for guests too. Raises ``NotLookingAfter``."""
    return _set(room, actor, closed=False)


def _set(room: Room, actor: User, *, closed: bool) -> Room:
    with transaction() as session:
        found = session.get_one(Room, room.id, with_for_update=True)
        roles.check_looks_after(found, actor)
        if found.is_closed_to_guests == closed:
            return found
        found.closed_to_guests_at = clock.now() if closed else None
        audit.record(session, "closed_to_guests" if closed else "opened_to_guests", actor=actor, room_id=room.id)
    live.tell_state(room.id)
    return found
