"""Browsers that bring a guest back: a random secret each, of which only the hash is stored.

The secret is renewed daily. The browser's other requests may still carry the old one for a
minute; after that an old secret means that somebody else has a copy, and the device is revoked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from chatpop.core import clock, ids
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity.models import Device, User
from chatpop.settings import registry

ROTATION = timedelta(days=1)
GRACE = timedelta(seconds=60)
SLACK_DAYS = 2
"""The cookie's age slides once a day, and the sweep comes once an hour: a sleep must not end before its day."""
MAX_AGE_DAYS = 400
"""Browsers keep no cookie longer (RFC 6265bis, section 5.5)."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """A device's owner; ``secret`` is what the browser keeps from now on.

    None if it has just been given a newer one with another answer: which answer arrives last is open, so
    this one must not bring the old secret back.
    """

    user: User
    device_id: int
    secret: str | None


def cookie_seconds() -> int:
    """How long the browser keeps the secret: the abandonment window and the sleep after it, 1 to 400 days."""
    days = registry.UNREGISTERED_ACCOUNT_ABANDONMENT_DAYS.get()
    if days < 0:
        return MAX_AGE_DAYS * 86_400
    if sleep := registry.GUEST_SLEEP_DAYS.get():
        days += sleep + SLACK_DAYS
    return min(max(days, 1), MAX_AGE_DAYS) * 86_400


def add(session: Session, user: User, label: str) -> tuple[Device, str]:
    """Make a device for ``user`` inside the caller's transaction; returns it with its secret."""
    secret, now = ids.secret_token(), clock.now()
    device = Device(
        user_id=user.id,
        secret_hash=ids.hash_token(secret),
        label=label[:80],
        created_at=now,
        rotated_at=now,
        last_seen_at=now,
    )
    session.add(device)
    session.flush()
    return device, secret


def recognise(secret: str) -> Recognised | None:
    """Whose device has this secret; renews it when it is a day old. None for nobody's."""
    digest, now = ids.hash_token(secret), clock.now()
    with transaction() as session:
        device = session.scalar(
            select(Device).where(
                (Device.secret_hash == digest) | (Device.previous_hash == digest), Device.revoked_at.is_(None)
            )
        )
        if device is None:
            return None
        if device.secret_hash != digest and now - device.rotated_at > GRACE:
            device.revoked_at = now
            return None
        user = session.get_one(User, device.user_id)
        kept: str | None = secret if device.secret_hash == digest else None
        if kept is not None and now - device.rotated_at >= ROTATION:
            kept = _renew(session, device, digest)
        device.last_seen_at = now
        return Recognised(user, device.id, kept)


def slide(secret: str, user_id: int) -> bool:
    """Note at most once a day that the browser with this secret was here; True if its cookie is to live on from now.

    For requests that came in on the tokens: else the cookie of a daily visitor would run out beside them.
    """
    now = clock.now()
    with transaction() as session:
        done = session.execute(
            update(Device)
            .where(
                Device.secret_hash == ids.hash_token(secret),
                Device.user_id == user_id,
                Device.revoked_at.is_(None),
                Device.last_seen_at <= now - ROTATION,
            )
            .values(last_seen_at=now)
            .execution_options(synchronize_session=False)
        )
    return bool(done.rowcount == 1)  # type: ignore[attr-defined]


def is_forgotten(secret: str) -> bool:
    """Whether this is the secret of a browser whose guest was forgotten."""
    digest = ids.hash_token(secret)
    owner = select(User.is_abandoned).join(Device, Device.user_id == User.id)
    return bool(db.session.scalar(owner.where((Device.secret_hash == digest) | (Device.previous_hash == digest))))


def revoke(session: Session, secret: str) -> None:
    """Forget the browser that has this secret."""
    digest = ids.hash_token(secret)
    session.execute(
        update(Device)
        .where((Device.secret_hash == digest) | (Device.previous_hash == digest), Device.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )


def revoke_all(session: Session, user_id: int) -> None:
    """Forget every browser of one account."""
    session.execute(
        update(Device).where(Device.user_id == user_id, Device.revoked_at.is_(None)).values(revoked_at=clock.now())
    )


def _renew(session: Session, device: Device, digest: str) -> str | None:
    """Give the device a new secret, unless another request has just done it."""
    secret = ids.secret_token()
    done = session.execute(
        update(Device)
        .where(Device.id == device.id, Device.secret_hash == digest)
        .values(secret_hash=ids.hash_token(secret), previous_hash=digest, rotated_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    session.expire(device)
    return secret if done.rowcount == 1 else None  # type: ignore[attr-defined]
