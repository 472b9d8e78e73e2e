"""Registering: a new account for a visitor; and what an upgrade has to check as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.exc import IntegrityError

from chatpop.accounts import emails, passwords
from chatpop.accounts.naming import name_account, release_hold
from chatpop.accounts.passwords import hasher
from chatpop.accounts.refusals import EMAIL_EXISTS, NotAccepted
from chatpop.core import clock, ids, limits
from chatpop.core.errors import TooMany
from chatpop.core.limits import Bucket
from chatpop.core.texts import text
from chatpop.core.transactions import transaction
from chatpop.identity.models import User
from chatpop.identity.viewer import Viewer
from chatpop.names import availability, rolling
from chatpop.names.registry import NameTaken

ALIAS_DIFFERS = text("When using an email as username, the email field must match")


class TooManyRegistrations(TooMany):
    code = "too_many_registrations"
    sentence = "Too many registrations from your network in the last hour. Please try again later."


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants to register with; the form has seen that the passwords match."""

    username: str
    email: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who registers. ``made`` is charged for each account, ``told`` for each "taken" or "exists" that is told."""

    viewer: Viewer
    address: str | None
    made: list[Bucket]
    told: list[Bucket]


@dataclass(frozen=True, slots=True)
class Checked:
    """A draft that passed. ``name`` is None when the e-mail is the log-in name."""

    name: str | None
    email: str
    password_hash: str = field(repr=False)


def register(draft: Draft, applicant: Applicant) -> User:
    """Make a member. Raises :class:`NotAccepted`, :class:`TooManyRegistrations`, ``Busy``, ``ServiceAway``."""
    checked = check(draft, applicant)
    rollers = list(applicant.viewer.rollers)
    name = checked.name
    if name is None:
        rollers.append(f"visitor:{ids.short_token()}")
        name = rolling.fresh_name(rollers[-1])
    now = clock.now()
    user = User(
        username=name,
        email=checked.email,
        password_hash=checked.password_hash,
        is_registered=True,
        is_abandoned=False,
        is_disabled=False,
        is_admin=False,
        epoch=0,
        registration_ip=applicant.address,
        created_at=now,
        last_seen_at=now,
        registered_at=now,
    )
    try:
        with transaction() as session:
            session.add(user)
            session.flush()
            name_account(session, user, name, rollers)
    except (IntegrityError, NameTaken) as race:
        raise lost(race) from None
    release_hold(rollers, name)
    return user


def check(draft: Draft, applicant: Applicant) -> Checked:
    """Everything that can be said before writing; charges the network. Raises like :func:`register`.

    Whether a name or an address is taken is told a limited number of times an hour (SECURITY, row 29).
    """
    wrong: dict[str, str] = {}
    email = _email(draft, wrong)
    name = _name(draft, email, applicant.viewer, wrong)
    try:
        passwords.check(draft.password, [draft.username, draft.email])
    except passwords.WeakPassword as refusal:
        wrong["password"] = refusal.sentence
    if email is not None and _is_somebody_elses(email, applicant.viewer.user):
        wrong["email"] = EMAIL_EXISTS
    if wrong or email is None:
        if availability.TAKEN in wrong.values() or EMAIL_EXISTS in wrong.values():
            _charge(applicant.told)
        raise NotAccepted(wrong)
    _charge(applicant.made)
    return Checked(name, email, hasher.hash(draft.password))


def lost(race: IntegrityError | NameTaken) -> NotAccepted:
    """The sentence for whoever came second; the unique index on the address is the only one besides the names'."""
    if isinstance(race, NameTaken):
        return NotAccepted({"username": availability.TAKEN})
    return NotAccepted({"email": EMAIL_EXISTS})


def _email(draft: Draft, wrong: dict[str, str]) -> str | None:
    try:
        return emails.parse(draft.email)
    except emails.BadEmail as refusal:
        wrong["email"] = refusal.sentence
        return None


def _name(draft: Draft, email: str | None, viewer: Viewer, wrong: dict[str, str]) -> str | None:
    """The public name; None for a username in e-mail form, which is a log-in name only."""
    if "@" in draft.username:
        if email is None or not _is_alias(draft.username, email):
            wrong["username"] = ALIAS_DIFFERS
        return None
    wanted = availability.check(draft.username, user_id=viewer.user.id if viewer.user else None, rollers=viewer.rollers)
    if not wanted.available:
        wrong["username"] = wanted.message
    return draft.username


def _is_alias(username: str, email: str) -> bool:
    try:
        return emails.is_same(emails.parse(username), email)
    except emails.BadEmail:
        return False


def _is_somebody_elses(email: str, user: User | None) -> bool:
    owner = emails.owner(email)
    return owner is not None and (user is None or owner.id != user.id)


def _charge(buckets: Sequence[Bucket]) -> None:
    if not buckets:
        return
    try:
        limits.spend(buckets)
    except limits.BucketEmpty as refusal:
        raise TooManyRegistrations(limit=refusal.limit, retry_after=refusal.retry_after or 1) from None
