"""Forgetting one idle guest: the account ends, its names go by their life cycle, what was said stays."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from chatpop.core import clock
from chatpop.core.transactions import transaction
from chatpop.identity import devices, sessions, sleeping
from chatpop.identity.models import Handover, Passkey, PasskeyChallenge, ResumeCode, User
from chatpop.lifecycle import sweep_runs
from chatpop.lifecycle.models import Deletion, Merge
from chatpop.names.key import canonical_key
from chatpop.names.lifecycle import release_names
from chatpop.push import subscriptions
from chatpop.rooms.models import Message, Room
from chatpop.rooms.reaction_models import Reaction
from chatpop.settings import registry
from chatpop.uploads import retention

_WAYS_BACK = (ResumeCode, Handover, Passkey, PasskeyChallenge)


def idle_limit() -> datetime | None:
    """Guests not seen since then are due; None while guests are never forgotten."""
    days = registry.UNREGISTERED_ACCOUNT_ABANDONMENT_DAYS.get()
    return clock.now() - timedelta(days=days) if days >= 0 else None


def spared() -> ColumnElement[bool]:
    """Accounts that lifecycle jobs leave alone: a merge could be undone, or a deletion is under way."""
    return User.id.in_(select(Merge.guest_id)) | User.id.in_(select(Deletion.user_id))


def abandon(user_id: int, run_id: int | None = None) -> bool:
    """Forget the guest if it is due, in one transaction; False if it is not, whatever was read before.

    Safe to run twice and beside the guest's own requests: the account's row is locked, and the condition
    is looked at under that lock. ``run_id`` is the run of the sweep that counts it.
    """
    with transaction() as session:
        user = session.scalar(select(User).where(User.id == user_id, ~spared()).with_for_update(of=User))
        if user is None or not _is_due(user):
            return False
        user.is_abandoned, user.abandoned_at = True, clock.now()
        user.fingerprint_hash = None
        sessions.end_all(session, user)
        subscriptions.drop_dead(session, [user.id])
        retention.delete_private_of(session, user.id)
        if not sleeping.fall_asleep(session, user.id):
            let_go(session, user)
        if run_id is not None:
            sweep_runs.count_one(session, run_id)
        return True


def let_go(session: Session, user: User) -> None:
    """Nothing leads to the account any more, and its names go by their life cycle."""
    devices.revoke_all(session, user.id)
    for way in _WAYS_BACK:
        session.execute(delete(way).where(way.user_id == user.id).execution_options(synchronize_session=False))
    release_names(session, user.id, spoken_keys(session, user))


def spoken_keys(session: Session, user: User) -> set[str]:
    """The keys of the names under which the user has spoken: written, reacted, hosted a room, left a public file."""
    names = set(session.scalars(select(Message.author_name).where(Message.author_id == user.id).distinct()))
    names |= set(session.scalars(select(Reaction.name).where(Reaction.user_id == user.id).distinct()))
    hosts = session.scalar(select(Room.id).where(Room.host_id == user.id).limit(1)) is not None
    if hosts or retention.has_public(session, user.id):
        names.add(user.username)
    return {canonical_key(name) for name in names}


def _is_due(user: User) -> bool:
    limit = idle_limit()
    return limit is not None and not user.is_registered and not user.is_abandoned and user.last_seen_at < limit
