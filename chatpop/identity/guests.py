"""Making guests: what the first action of a visitor does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from redis.exceptions import LockError, RedisError
from sqlalchemy.orm import Session

from chatpop.config import Config
from chatpop.core import clock, limits, redis_keys
from chatpop.core.errors import ServiceAway, TooMany
from chatpop.core.limits import Bucket
from chatpop.core.transactions import transaction
from chatpop.extensions import redis_store
from chatpop.identity import devices, sessions
from chatpop.identity.fingerprint import Evidence
from chatpop.identity.models import User
from chatpop.identity.tokens import Audience
from chatpop.names import registry
from chatpop.names.models import NameKind

LOCK_SECONDS = 15
PAGE_SECONDS = 60
"""How long further first actions of one page still belong to the guest that the first has made."""


class TooManyGuests(TooMany):
    code = "too_many_guests"
    sentence = "Too many new guests from your network in the last hour. Please try again later, or log in."


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What the rules need to know of a visitor who is about to act.

    ``network`` are the buckets that a new guest is charged to; ``page_id`` is the random id in the
    page's form token, None for programs.
    """

    visitor_id: str | None
    page_id: str | None
    evidence: Evidence
    client_fingerprint: str | None
    network: list[Bucket]
    label: str


@dataclass(frozen=True, slots=True)
class Welcome:
    """A guest with the credentials of its browser."""

    user: User
    credentials: sessions.Credentials
    device_secret: str | None


@contextmanager
def one_at_a_time(newcomer: Newcomer) -> Iterator[int | None]:
    """Serialise a visitor's first actions; yields the id of the guest this page has just become, if any.

    Raises ``ServiceAway`` when Redis is away or the lock can't be had in time.
    """
    lock_id = newcomer.visitor_id or newcomer.page_id
    if lock_id is None:
        yield None
        return
    client = redis_store.client
    lock = client.lock(
        redis_keys.visitor_lock(lock_id), timeout=LOCK_SECONDS, blocking_timeout=LOCK_SECONDS, sleep=0.02
    )
    try:
        if not lock.acquire():
            raise ServiceAway
        made = client.get(redis_keys.visitor_guest(newcomer.page_id)) if newcomer.page_id else None
    except RedisError:
        raise ServiceAway from None
    try:
        yield int(str(made)) if made else None
    finally:
        with suppress(LockError, RedisError):  # it has run out, or goes by itself
            lock.release()


def charge(newcomer: Newcomer) -> None:
    """Count one new guest for the network. Raises :class:`TooManyGuests`, ``ServiceAway``."""
    try:
        limits.spend(newcomer.network)
    except limits.BucketEmpty as refusal:
        raise TooManyGuests(limit=refusal.limit, retry_after=refusal.retry_after or 1) from None


def make(session: Session, name: str, newcomer: Newcomer, config: Config) -> Welcome:
    """Create the guest called ``name`` inside the caller's transaction.

    Raises ``NameTaken``; nothing stays then, because the caller's transaction is rolled back.
    """
    now, evidence = clock.now(), newcomer.evidence
    user = User(
        username=name,
        registration_ip=evidence.client_ip,
        last_login_ip=evidence.client_ip,
        created_at=now,
        last_seen_at=now,
        epoch=0,
        is_registered=False,
        is_abandoned=False,
        is_disabled=False,
        is_admin=False,
    )
    if config.guest_recognition != "none":
        user.fingerprint_hash = evidence.hash(config.secret_key, include_ip=config.fingerprint_include_ip)
        user.fingerprint_data = evidence.data(newcomer.client_fingerprint)
    session.add(user)
    session.flush()
    rollers = [f"visitor:{newcomer.visitor_id}"] if newcomer.visitor_id else []
    registry.claim(session, name, user_id=user.id, kind=NameKind.ACCOUNT, rollers=rollers)
    return _let_in(session, user, newcomer, config)


def let_in_again(user_id: int, newcomer: Newcomer, config: Config) -> Welcome:
    """Credentials for a further first action of the page that has just become ``user_id``."""
    with transaction() as session:
        return _let_in(session, session.get_one(User, user_id), newcomer, config)


def remember(newcomer: Newcomer, user: User) -> None:
    """The page's next first actions are this guest's, for a minute; best effort."""
    if newcomer.page_id:
        try:
            redis_store.client.set(redis_keys.visitor_guest(newcomer.page_id), str(user.id), ex=PAGE_SECONDS)
        except RedisError:
            return  # they will make guests of their own


def _let_in(session: Session, user: User, newcomer: Newcomer, config: Config) -> Welcome:
    secret, device_id = None, None
    if config.guest_recognition != "none":
        device, secret = devices.add(session, user, newcomer.label)
        device_id = device.id
    return Welcome(user, sessions.start(session, user, Audience.PAGES, device_id), secret)
