"""Logging out: this browser's session and device end; everywhere: all of the account's."""

from __future__ import annotations

from sqlalchemy import CompoundSelect, func, select, union

from chatpop.core import ids
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity import devices, sessions
from chatpop.identity.models import Device, Passkey, ResumeCode, Session, User
from chatpop.push import subscriptions


def log_out(session_id: int | None, device_secret: str | None) -> None:
    """End one session, and forget the browser that has this secret."""
    with transaction() as session:
        if session_id is not None:
            sessions.end(session, session_id)
        if device_secret is not None:
            devices.revoke(session, device_secret)
        subscriptions.drop_dead(session, _owners(session_id, device_secret))


def log_out_everywhere(user: User, device_secret: str | None) -> None:
    """End everything that was ever issued to ``user``, on every browser and for every program."""
    with transaction() as session:
        locked = session.scalars(select(User).where(User.id == user.id).with_for_update()).one()
        sessions.end_all(session, locked)
        devices.revoke_all(session, locked.id)
        if device_secret is not None:
            devices.revoke(session, device_secret)
        subscriptions.drop_dead(session, [locked.id])
        subscriptions.drop_dead(session, _owners(None, device_secret))


def guest_left_behind(user: User | None, device_secret: str | None) -> User | None:
    """The guest whom nobody can reach any more once this browser logs out; None if there is none.

    It is the present guest, or the one that this browser was before a member logged in on it.
    """
    guest = user if user is not None and not user.is_registered else _owner(device_secret)
    if guest is None or guest.is_registered or not guest.is_active:
        return None
    elsewhere = select(func.count(Device.id)).where(Device.user_id == guest.id, Device.revoked_at.is_(None))
    if device_secret is not None:
        elsewhere = elsewhere.where(Device.secret_hash != ids.hash_token(device_secret))
    return None if db.session.scalar(elsewhere) or _has_way_back(guest) else guest


def _owners(session_id: int | None, device_secret: str | None) -> CompoundSelect[int]:
    """Whose the session and the browser are: one account, or a member's and a guest's."""
    digest = ids.hash_token(device_secret) if device_secret is not None else None
    of_device = (Device.secret_hash == digest) | (Device.previous_hash == digest)
    return union(select(Session.user_id).where(Session.id == session_id), select(Device.user_id).where(of_device))


def _has_way_back(guest: User) -> bool:
    """Whether a resume code or a passkey brings the guest to another browser."""
    ways = (ResumeCode.user_id, Passkey.user_id)
    return any(db.session.scalar(select(way).where(way == guest.id).limit(1)) is not None for way in ways)


def _owner(device_secret: str | None) -> User | None:
    if device_secret is None:
        return None
    return db.session.scalar(
        select(User)
        .join(Device, Device.user_id == User.id)
        .where(Device.secret_hash == ids.hash_token(device_secret), Device.revoked_at.is_(None))
    )
