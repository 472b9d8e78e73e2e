"""Who is told, and where: no subscription outlives the right of its browser to come in."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from binascii import Error as BadBase64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as DbSession

from chatpop.config import Config
from chatpop.core import clock, ids, limits
from chatpop.core.errors import DomainError, LoginRequired, TooMany
from chatpop.core.limits import Bucket
from chatpop.core.texts import text
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity.models import Device, Session, User
from chatpop.push import endpoints
from chatpop.push.models import PushSubscription

MOST = 10
"""Browsers of one account."""
PER_HOUR, HOUR = 60, 3600
POINT_BYTES, AUTH_BYTES = 65, 16


class BadSubscription(DomainError):
    status, code = 422, "bad_subscription"
    sentence = "This is no subscription that a browser has made."


class TooManyBrowsers(DomainError):
    status, code = 409, "too_many_browsers"
    sentence = text("At most %(most)s browsers can be told. End another one under “How we know you” first.", most=MOST)


class TooManySubscriptions(TooMany):
    code = "too_many_subscriptions"
    sentence = "That was switched on very often in the last hour. Please wait a little."


@dataclass(frozen=True, slots=True)
class Draft:
    """What a browser's push manager made, checked."""

    endpoint: str
    public_key: bytes
    auth: bytes


def read(endpoint: str, p256dh: str, auth: str, config: Config) -> Draft:
    """Raises ``BadEndpoint``, :class:`BadSubscription`."""
    endpoints.parse(endpoint, config.push_endpoint_hosts)
    point, secret = _decode(p256dh, POINT_BYTES), _decode(auth, AUTH_BYTES)
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        raise BadSubscription from None
    if point[:1] != b"\x04":
        raise BadSubscription
    return Draft(endpoint, point, secret)


def subscribe(user: User, session_id: int, draft: Draft, label: str) -> PushSubscription:
    """Tell this browser from now on. Again is once; a browser that was another account's is this one's now.

    Raises :class:`TooManyBrowsers`, :class:`TooManySubscriptions`, ``LoginRequired``.
    """
    _charge(user)
    try:
        return _keep(user.id, session_id, draft, label)
    except IntegrityError:  # the same browser, twice at once: it is there now
        return _keep(user.id, session_id, draft, label)


def unsubscribe(user: User, endpoint: str) -> None:
    """Tell this browser no more; nothing happens if it was not told."""
    with transaction() as session:
        session.execute(_deleting(PushSubscription.endpoint_hash == ids.hash_token(endpoint), user.id))


def end(user: User, subscription_id: int) -> None:
    """The same for one of the list."""
    with transaction() as session:
        session.execute(_deleting(PushSubscription.id == subscription_id, user.id))


def of(user: User) -> Sequence[PushSubscription]:
    """The account's browsers that are told, the newest first."""
    own = select(PushSubscription).join(User, User.id == PushSubscription.user_id)
    return db.session.scalars(own.where(User.id == user.id, is_live()).order_by(PushSubscription.id.desc())).all()


def is_told(user: User, session_id: int | None) -> bool:
    """Whether the browser of this session is told."""
    here = of_session(session_id)
    found = select(PushSubscription.id).where(PushSubscription.user_id == user.id, here).limit(1)
    return session_id is not None and db.session.scalar(found) is not None


def of_session(session_id: int | None) -> ColumnElement[bool]:
    """The subscriptions of a session's browser."""
    device = select(Session.device_id).where(Session.id == session_id).scalar_subquery()
    return or_(PushSubscription.session_id == session_id, PushSubscription.device_id == device)


def is_live() -> ColumnElement[bool]:
    """Whether the account may come in, and this browser as it: for a query that knows ``User``."""
    session = exists().where(
        Session.id == PushSubscription.session_id,
        Session.user_id == User.id,
        Session.revoked_at.is_(None),
        Session.epoch == User.epoch,
    )
    device = exists().where(
        Device.id == PushSubscription.device_id, Device.user_id == User.id, Device.revoked_at.is_(None)
    )
    account = and_(User.is_abandoned.is_(False), User.is_disabled.is_(False))
    return and_(account, or_(session.correlate(User, PushSubscription), device.correlate(User, PushSubscription)))


def move_to_session(session: DbSession, user_id: int, which: ColumnElement[bool], session_id: int) -> None:
    """Let some of an account's subscriptions live as long as this session of it, in the caller's transaction."""
    moved = update(PushSubscription).where(PushSubscription.user_id == user_id, which)
    session.execute(moved.values(session_id=session_id, device_id=None).execution_options(synchronize_session=False))


def drop_dead(session: DbSession, whose: Any) -> None:
    """Delete those of some accounts (ids, or a query of ids) whose browser is let in no more; in the transaction that
    ended it.
    """
    session.flush()
    live = select(PushSubscription.id).join(User, User.id == PushSubscription.user_id).where(is_live())
    dead = delete(PushSubscription).where(PushSubscription.user_id.in_(whose), PushSubscription.id.not_in(live))
    session.execute(dead.execution_options(synchronize_session=False))


def drop_all_dead() -> int:
    """The same for everybody, for the schedule; returns how many. Safe to run twice or in parallel."""
    with transaction() as session:
        live = select(PushSubscription.id).join(User, User.id == PushSubscription.user_id).where(is_live())
        gone = session.execute(delete(PushSubscription).where(PushSubscription.id.not_in(live)))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _keep(user_id: int, session_id: int, draft: Draft, label: str) -> PushSubscription:
    with transaction() as session:
        session.get_one(User, user_id, with_for_update=True)
        family = session.get(Session, session_id)
        if family is None or family.user_id != user_id:
            raise LoginRequired
        digest = ids.hash_token(draft.endpoint)
        row: PushSubscription | None = session.scalar(
            select(PushSubscription).where(PushSubscription.endpoint_hash == digest)
        )
        if row is None or row.user_id != user_id:
            _check_count(session, user_id)
        if row is None:
            row = PushSubscription(endpoint=draft.endpoint, endpoint_hash=digest)
            session.add(row)
        row.user_id, row.label, row.created_at, row.told_at = user_id, label[:80], clock.now(), None
        row.public_key, row.auth = draft.public_key, draft.auth
        row.device_id = family.device_id
        row.session_id = family.id if family.device_id is None else None
        session.flush()
        return row


def _check_count(session: DbSession, user_id: int) -> None:
    count = select(func.count(PushSubscription.id)).where(PushSubscription.user_id == user_id)
    if (session.scalar(count) or 0) >= MOST:
        raise TooManyBrowsers


def _deleting(which: ColumnElement[bool], user_id: int) -> Any:
    return delete(PushSubscription).where(which, PushSubscription.user_id == user_id)


def _charge(user: User) -> None:
    try:
        limits.spend([Bucket("push-subscriptions", f"user:{user.id}", PER_HOUR, HOUR)], without_redis=True)
    except limits.BucketEmpty as refusal:
        raise TooManySubscriptions(limit=refusal.limit, retry_after=refusal.retry_after or 1) from None


def _decode(text: str, length: int) -> bytes:
    """URL-safe base64 without padding. Raises :class:`BadSubscription`."""
    if not text.isascii() or len(text) > 2 * length:
        raise BadSubscription
    try:
        raw = urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))
    except (BadBase64, ValueError):
        raise BadSubscription from None
    if len(raw) != length:
        raise BadSubscription
    return raw
