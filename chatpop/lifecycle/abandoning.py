"""Forgetting one idle guest: the account ends, its names go by their life cycle, what was said stays."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from chatpop.core import clock
from chatpop.core.transactions import transaction
from chatpop.identity import devices, sessions
from chatpop.identity.models import User
from chatpop.names.key import canonical_key
from chatpop.names.lifecycle import release_names
from chatpop.rooms.models import Message, Room
from chatpop.settings import registry


def idle_limit() -> datetime | None:
    """Guests not seen since then are due; None while guests are never forgotten."""
    days = registry.UNREGISTERED_ACCOUNT_ABANDONMENT_DAYS.get()
    return clock.now() - timedelta(days=days) if days >= 0 else None


def abandon(user_id: int) -> bool:
    """Forget the guest if it is due, in one transaction; False if it is not, whatever was read before.

    Safe to run twice and beside the guest's own requests: the account's row is locked, and the condition
    is looked at under that lock.
    """
    with transaction() as session:
        user = session.scalar(select(User).where(User.id == user_id).with_for_update())
        if user is None or not _is_due(user):
            return False
        user.is_abandoned, user.abandoned_at = True, clock.now()
        user.fingerprint_hash = None
        sessions.end_all(session, user)
        if registry.GUEST_SLEEP_DAYS.get() == 0:  # else the same device may still wake the account
            devices.revoke_all(session, user.id)
        release_names(session, user.id, spoken_keys(session, user))
        return True


def spoken_keys(session: Session, user: User) -> set[str]:
    """The keys of the names under which the user has spoken: written a message, or hosted a room."""
    written = session.scalars(select(Message.author_name).where(Message.author_id == user.id).distinct())
    names = set(written)
    if session.scalar(select(Room.id).where(Room.host_id == user.id).limit(1)) is not None:
        names.add(user.username)
    return {canonical_key(name) for name in names}


def _is_due(user: User) -> bool:
    limit = idle_limit()
    return limit is not None and not user.is_registered and not user.is_abandoned and user.last_seen_at < limit
