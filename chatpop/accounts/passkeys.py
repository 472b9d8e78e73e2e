"""Passkeys (WebAuthn): made for an account, they bring it to any browser that can reach the authenticator.

A passkey is discoverable: who signs in types no name. Its user handle is a tag of the account's id, so
that an authenticator tells nothing about the account.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chatpop.accounts.upgrade import Upgraded, lock_guest, start_anew
from chatpop.config import Config
from chatpop.core import clock, ids
from chatpop.core.errors import AccountDisabled, DomainError, NotFound
from chatpop.core.keys import derive_key, keyed_tag
from chatpop.core.texts import text
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity.comebacks import Browser, let_in
from chatpop.identity.guests import Welcome
from chatpop.identity.models import Passkey, PasskeyChallenge, User

CHALLENGE_LIFE = timedelta(minutes=5)
MAX_PASSKEYS = 20

if TYPE_CHECKING:
    from webauthn.registration.verify_registration_response import VerifiedRegistration


class PasskeyRefused(DomainError):
    """Unknown, expired, used or forged: one answer for all."""

    status, code = 422, "passkey_refused"
    sentence = "This passkey was not accepted. Please try again."


class TooManyPasskeys(DomainError):
    status, code = 409, "too_many_passkeys"
    sentence = text(
        "An account can have at most %(max_passkeys)s passkeys. Remove one first.", max_passkeys=MAX_PASSKEYS
    )


class LastPasskey(DomainError):
    status, code = 409, "last_passkey"
    sentence = "This passkey is the only way into your account. Make another one first."


class PasskeyNotFound(NotFound):
    code = "passkey_not_found"


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """This site as authenticators know it: the host name, and the origin that pages come from."""

    id: str
    origin: str
    name: str = "chatpop"


def offer(user: User, rp: RelyingParty, config: Config, *, anew: bool = False) -> str:
    """What a browser needs to make a passkey for ``user``, as JSON. ``anew`` lets it replace one it has."""
    from chatpop.accounts import ceremonies

    known = [] if anew else [key.credential_id for key in of(user)]
    options, challenge = ceremonies.making(rp.id, rp.name, user, _handle(user.id, config), known)
    _remember(challenge, user.id)
    return options


def ask(rp: RelyingParty) -> str:
    """What a browser needs to sign in with any passkey of this site, as JSON."""
    from chatpop.accounts import ceremonies

    options, challenge = ceremonies.signing_in(rp.id)
    _remember(challenge, None)
    return options


def add(user: User, answer: Mapping[str, Any], rp: RelyingParty, label: str) -> Passkey:
    """Keep the passkey that the browser has made. Raises :class:`PasskeyRefused`, :class:`TooManyPasskeys`."""
    verified = _registered(user.id, answer, rp)
    try:
        with transaction() as session:
            session.get_one(User, user.id, with_for_update=True)
            held = session.scalar(select(func.count(Passkey.id)).where(Passkey.user_id == user.id)) or 0
            if held >= MAX_PASSKEYS:
                raise TooManyPasskeys
            return _keep(session, user.id, verified, label)
    except IntegrityError:  # a credential id that somebody has already
        raise PasskeyRefused from None


def upgrade_with_passkey(
    guest: User, answer: Mapping[str, Any], rp: RelyingParty, browser: Browser, session_id: int | None
) -> Upgraded:
    """Make ``guest`` a member by a new passkey alone: no e-mail, no password; the guest's older ones are gone.

    One transaction; the caller has checked that the session is proven. Raises :class:`PasskeyRefused`,
    ``AlreadyMember``, ``LoginRequired``.
    """
    verified = _registered(guest.id, answer, rp)
    try:
        with transaction() as session:
            user = lock_guest(session, guest.id)
            session.execute(delete(Passkey).where(Passkey.user_id == user.id))
            _keep(session, user.id, verified, browser.label)
            user.registration_ip = browser.address
            return Upgraded(user, start_anew(session, user, session_id))
    except IntegrityError:
        raise PasskeyRefused from None


def sign_in(answer: Mapping[str, Any], rp: RelyingParty, browser: Browser, config: Config) -> Welcome:
    """Let the passkey's owner in. Raises :class:`PasskeyRefused`, ``AccountDisabled``."""
    from chatpop.accounts import ceremonies

    try:
        credential, challenge = ceremonies.read_sign_in(answer)
    except ceremonies.Malformed:
        raise PasskeyRefused from None
    _spend(challenge, None)
    with transaction() as session:
        key = session.scalar(select(Passkey).where(Passkey.credential_id == credential.raw_id).with_for_update())
        if key is None or credential.response.user_handle != _handle(key.user_id, config):
            raise PasskeyRefused
        try:
            verified = ceremonies.check_sign_in(credential, challenge, rp.id, rp.origin, key)
        except ceremonies.Malformed:
            raise PasskeyRefused from None
        user = session.get_one(User, key.user_id, with_for_update=True)
        if user.is_disabled:
            raise AccountDisabled
        if not user.is_active:
            raise PasskeyRefused
        key.sign_count, key.last_used_at = verified.new_sign_count, clock.now()
        return let_in(session, user, browser, config)


def of(user: User) -> Sequence[Passkey]:
    """The account's passkeys, oldest first."""
    return db.session.scalars(select(Passkey).where(Passkey.user_id == user.id).order_by(Passkey.created_at)).all()


def remove(user: User, passkey_id: int) -> None:
    """Take a passkey away.

    Raises :class:`PasskeyNotFound`, and :class:`LastPasskey` where nothing else lets a member in.
    """
    with transaction() as session:
        owner = session.get_one(User, user.id, with_for_update=True)
        held = session.scalars(select(Passkey).where(Passkey.user_id == owner.id)).all()
        gone = next((key for key in held if key.id == passkey_id), None)
        if gone is None:
            raise PasskeyNotFound
        if owner.is_registered and owner.password_hash is None and len(held) == 1:
            raise LastPasskey
        session.delete(gone)


def _registered(user_id: int, answer: Mapping[str, Any], rp: RelyingParty) -> VerifiedRegistration:
    from chatpop.accounts import ceremonies

    try:
        credential, challenge = ceremonies.read_made(answer)
        _spend(challenge, user_id)
        return ceremonies.check_made(credential, challenge, rp.id, rp.origin)
    except ceremonies.Malformed:
        raise PasskeyRefused from None


def _keep(session: Session, user_id: int, verified: VerifiedRegistration, label: str) -> Passkey:
    key = Passkey(
        user_id=user_id,
        credential_id=verified.credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        label=label[:80],
        created_at=clock.now(),
    )
    session.add(key)
    session.flush()
    return key


def _handle(user_id: int, config: Config) -> bytes:
    return bytes.fromhex(keyed_tag(derive_key(config.secret_key, "passkey-user"), str(user_id)))


def _remember(challenge: bytes, user_id: int | None) -> None:
    """Wait for the one answer to this challenge; what nobody answered in time goes on the way."""
    now = clock.now()
    with transaction() as session:
        session.execute(delete(PasskeyChallenge).where(PasskeyChallenge.expires_at < now))
        session.add(
            PasskeyChallenge(
                user_id=user_id,
                challenge_hash=ids.hash_token(challenge.hex()),
                expires_at=now + CHALLENGE_LIFE,
            )
        )


def _spend(challenge: bytes, user_id: int | None) -> None:
    """Use a challenge up, whether its answer is right or not. Raises :class:`PasskeyRefused`."""
    with transaction() as session:
        spent = delete(PasskeyChallenge).where(
            PasskeyChallenge.challenge_hash == ids.hash_token(challenge.hex()),
            PasskeyChallenge.user_id.is_not_distinct_from(user_id),
            PasskeyChallenge.expires_at > clock.now(),
        )
        if session.execute(spent.returning(PasskeyChallenge.id)).first() is None:
            raise PasskeyRefused
