"""The browsers that are let in without a log-in: a guest's devices, a member's sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session as DbSession

from chatpop.core import clock
from chatpop.core.errors import NotFound
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity import devices, sessions
from chatpop.identity.browser_labels import UNKNOWN
from chatpop.identity.models import Device, RefreshToken, Session, User
from chatpop.identity.tokens import Audience
from chatpop.push import subscriptions


class BrowserNotFound(NotFound):
    code = "browser_not_found"


@dataclass(frozen=True, slots=True)
class KnownBrowser:
    """A line of the list. ``id`` is the device's for guests and the session's for members."""

    id: int
    label: str
    first_seen: datetime
    last_seen: datetime
    is_this: bool


def known(user: User, session_id: int | None) -> list[KnownBrowser]:
    """Everything that would be let in as ``user``, last seen first; ``session_id`` is the present one."""
    found = _sessions(user, session_id) if user.is_registered else _devices(user, session_id)
    return sorted(found, key=lambda browser: (browser.is_this, browser.last_seen), reverse=True)


def revoke(user: User, browser_id: int) -> None:
    """Let it in no more, from its next request on. Raises :class:`BrowserNotFound`."""
    with transaction() as session:
        if user.is_registered:
            family = session.get(Session, browser_id)
            if family is None or family.user_id != user.id:
                raise BrowserNotFound
            sessions.end(session, family.id)
        else:
            device = session.get(Device, browser_id)
            if device is None or device.user_id != user.id:
                raise BrowserNotFound
            _forget_device(session, device.id)
        subscriptions.drop_dead(session, [user.id])


def forget(session_id: int | None, device_secret: str | None) -> None:
    """Forget the browser of this session: the session, its device, and every other session of that device.

    ``device_secret`` is what the browser's cookie holds; beside a member's session it is a guest's.
    """
    with transaction() as session:
        family = session.get(Session, session_id) if session_id is not None else None
        if family is not None:
            sessions.end(session, family.id)
            if family.device_id is not None:
                _forget_device(session, family.device_id)
        if device_secret is not None:
            devices.revoke(session, device_secret)
        if family is not None:
            subscriptions.drop_dead(session, [family.user_id])


def _forget_device(session: DbSession, device_id: int) -> None:
    now = clock.now()
    session.execute(update(Device).where(Device.id == device_id, Device.revoked_at.is_(None)).values(revoked_at=now))
    session.execute(
        update(Session).where(Session.device_id == device_id, Session.revoked_at.is_(None)).values(revoked_at=now)
    )


def _devices(user: User, session_id: int | None) -> list[KnownBrowser]:
    this = db.session.scalar(select(Session.device_id).where(Session.id == session_id))
    rows = db.session.scalars(select(Device).where(Device.user_id == user.id, Device.revoked_at.is_(None)))
    return [_known_device(device, device.id == this) for device in rows]


def _known_device(device: Device, is_this: bool) -> KnownBrowser:
    seen = clock.now() if is_this else device.last_seen_at
    return KnownBrowser(device.id, device.label, device.created_at, seen, is_this)


def _sessions(user: User, session_id: int | None) -> list[KnownBrowser]:
    rows = db.session.execute(
        select(Session.id, Session.created_at, func.max(RefreshToken.issued_at, type_=RefreshToken.issued_at.type))
        .join(RefreshToken, RefreshToken.session_id == Session.id)
        .where(
            Session.user_id == user.id,
            Session.audience == Audience.PAGES,
            Session.epoch == user.epoch,
            Session.revoked_at.is_(None),
            RefreshToken.expires_at > clock.now(),
        )
        .group_by(Session.id)
    ).all()
    return [
        KnownBrowser(row[0], UNKNOWN, row[1], clock.now() if row[0] == session_id else row[2], row[0] == session_id)
        for row in rows
    ]
