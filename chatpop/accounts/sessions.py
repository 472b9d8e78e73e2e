"""Logging in with a password, at any door.

Every failure has one answer and costs the same: one counted attempt and one hash, whether the account
exists, has a password, is disabled, or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from chatpop.accounts import emails, throttle
from chatpop.accounts.passwords import MAX_LENGTH, Busy, hasher
from chatpop.config import Config
from chatpop.core import clock
from chatpop.core.errors import DomainError
from chatpop.core.keys import derive_key, keyed_tag
from chatpop.core.limits import Bucket
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity import sessions
from chatpop.identity.models import User
from chatpop.identity.sessions import Credentials
from chatpop.identity.tokens import Audience
from chatpop.names import registry, rules
from chatpop.names.key import canonical_key
from chatpop.names.models import NameKind, NameState


class LoginFailed(DomainError):
    status, code = 401, "login_failed"
    sentence = "The name or password is not right."


@dataclass(frozen=True, slots=True)
class KnownBrowser:
    """A browser with the accounts that have logged in on it with a password."""

    browser_id: str
    user_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody says who they are. ``networks`` are the windows of failures; ``browser`` is None for programs."""

    identifier: str
    password: str = field(repr=False)
    networks: Sequence[Bucket]
    address: str | None
    browser: KnownBrowser | None = None


@dataclass(frozen=True, slots=True)
class LoggedIn:
    user: User
    credentials: Credentials


def log_in(claim: Claim, config: Config, audience: Audience) -> LoggedIn:
    """Begin a session for the member with this name or e-mail, in any case, and password.

    Raises :class:`LoginFailed`, ``TooManyFailures``, ``Busy``.
    """
    user = find_member(claim.identifier)
    attempt = _begin(claim, user, config)
    try:
        is_right = hasher.verify(user.password_hash if user else None, claim.password[: MAX_LENGTH + 1])
    except Busy:
        with transaction() as session:
            throttle.strike_out(session, attempt, succeeded=False)
        raise
    if user is None or not is_right:
        raise LoginFailed
    outdated = user.password_hash is not None and hasher.is_outdated(user.password_hash)
    renewed = hasher.hash(claim.password) if outdated else None
    with transaction() as session:
        throttle.strike_out(session, attempt, succeeded=True)
        user = session.get_one(User, user.id, with_for_update=True)
        if not user.is_active:
            raise LoginFailed
        user.last_login_ip, user.last_seen_at = claim.address, clock.now()
        user.password_hash = renewed or user.password_hash
        return LoggedIn(user, sessions.start(session, user, audience))


def find_member(identifier: str) -> User | None:
    """The member who may log in by password under this name or e-mail; nobody else is found."""
    identifier = identifier.strip()
    user = _by_email(identifier) if "@" in identifier else _by_name(identifier)
    if user is None or not (user.is_registered and user.is_active and user.password_hash):
        return None
    return user


def _by_email(text: str) -> User | None:
    try:
        return emails.owner(emails.parse(text))
    except emails.BadEmail:
        return None


def _by_name(text: str) -> User | None:
    try:
        rules.check_shape(text)
    except rules.SHAPE_REFUSALS:
        return None
    standing = registry.standing(text)
    if standing is None or standing.kind != NameKind.ACCOUNT or standing.state != NameState.ACTIVE:
        return None
    return db.session.get(User, standing.user_id)


def _begin(claim: Claim, user: User | None, config: Config) -> throttle.Attempt:
    """Count the attempt for its name and network, or for the known browser alone.

    Names and addresses are counted as typed, not as the account they lead to: else five failures under a
    name would tell, by the sixth under an address, that both are one person's.
    """
    key, browser = derive_key(config.secret_key, "login-failures"), claim.browser
    if browser is not None and user is not None and user.id in browser.user_ids:
        return throttle.begin(keyed_tag(key, "browser", browser.browser_id, str(user.id)), [])
    typed = claim.identifier.strip()
    spelling = canonical_key(typed) if typed.isascii() and "@" not in typed else typed.lower()
    return throttle.begin(keyed_tag(key, "typed", spelling), claim.networks)
