"""Shutting a person out of the site, everywhere they are: disabling, banning, forgetting at once.

Each ends the person's live lines in the rooms they are in within a second or two; elsewhere at the next look.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select

from chatpop.core import clock, database
from chatpop.core.errors import DomainError
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity import audit, bans, disabling, sessions
from chatpop.identity.models import User
from chatpop.lifecycle.abandoning import let_go, spared
from chatpop.push import subscriptions
from chatpop.rooms.live import live
from chatpop.rooms.models import Participation
from chatpop.uploads import retention


class NotForgettable(DomainError):
    status, code = 409, "not_forgettable"
    sentence = "Only a living guest can be forgotten, and none whose merge could still be undone."


def disable(user_id: int, *, by: User | None, reason: str = "") -> User:
    """See ``disabling.disable``."""
    user = disabling.disable(user_id, by=by, reason=reason)
    with transaction() as session:
        subscriptions.drop_dead(session, [user_id])
    recheck(user_id)
    return user


def ban(user_id: int, kinds: set[str], until: datetime | None, reason: str, *, by: User | None) -> list[bans.Ban]:
    """Ban the account from the whole site, and its device or network for a time.

    The account leaves all its rooms: who is in no room can't write, so writing needs no look at bans for it.
    Raises ``AccountNotFound``, ``AdminStays``, ``NothingToBan``, ``BanNeedsEnd``, ``BanIsOver``.
    """
    with transaction() as session:
        user = disabling.load(session, user_id)
        if user.is_admin:
            raise disabling.AdminStays
        placed = bans.place(
            session,
            user,
            kinds=kinds,
            room_id=None,
            until=until,
            reason=reason,
            shown_name=user.username,
            by=by,
        )
        rooms = session.scalars(select(Participation.room_id).where(Participation.user_id == user_id)).all()
        if bans.ACCOUNT in kinds:
            gone = delete(Participation).where(Participation.user_id == user_id)
            session.execute(gone.execution_options(synchronize_session=False))
            sessions.end_all(session, user)  # DESIGN section 4; the device still recognises a guest, who may read
    for room_id in rooms:
        live.recheck(room_id)
    return placed


def forget(user_id: int, *, by: User | None) -> User:
    """Abandon a guest now, however short it was away, and without a sleep. Raises :class:`NotForgettable`."""
    with transaction() as session:
        user = disabling.load(session, user_id)
        is_spared = session.scalar(select(User.id).where(User.id == user_id, spared())) is not None
        if user.is_registered or user.is_abandoned or is_spared:
            raise NotForgettable
        audit.record(session, "guest_forgotten", actor=by, subject=user)
        user.is_abandoned, user.abandoned_at = True, clock.now()
        user.fingerprint_hash = None
        sessions.end_all(session, user)
        subscriptions.drop_dead(session, [user.id])
        retention.delete_private_of(session, user.id)
        let_go(session, user)
    recheck(user_id)
    return user


def recheck(user_id: int) -> None:
    """Let the live lines of the rooms the account is in look again who may read."""
    for room_id in rooms_of(user_id):
        live.recheck(room_id)


def rooms_of(user_id: int) -> Iterable[int]:
    """The ids of the rooms that the account is in."""
    with database.reading(), db.engine.connect() as connection:
        return connection.scalars(select(Participation.room_id).where(Participation.user_id == user_id)).all()
