"""Upgrading in place: a guest becomes a member and keeps id, name, rooms, messages and uploads."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chatpop.accounts.naming import name_account, release_hold
from chatpop.accounts.refusals import AlreadyMember
from chatpop.accounts.registration import Applicant, Checked, Draft, check, lost
from chatpop.core import clock
from chatpop.core.errors import LoginRequired
from chatpop.core.transactions import transaction
from chatpop.identity import resume_codes, sessions
from chatpop.identity.models import Device, Handover, User
from chatpop.identity.sessions import Credentials
from chatpop.identity.tokens import Audience
from chatpop.names.registry import NameTaken
from chatpop.push import subscriptions


@dataclass(frozen=True, slots=True)
class Upgraded:
    """The member, and the fresh session of the browser that asked."""

    user: User
    credentials: Credentials


def upgrade(guest: User, draft: Draft, applicant: Applicant, session_id: int | None = None) -> Upgraded:
    """Make ``guest`` a member in one transaction; everything issued to the guest is worth nothing afterwards.

    The browser of the session ``session_id`` goes on as the member.
    Raises ``NotAccepted``, :class:`AlreadyMember` (another request was faster), ``TooManyRegistrations``,
    ``Busy``, ``ServiceAway``.
    """
    checked = check(draft, applicant)
    rollers = applicant.viewer.rollers
    try:
        with transaction() as session:
            user = lock_guest(session, guest.id)
            _register(session, user, checked, rollers, applicant.address)
            credentials = start_anew(session, user, session_id)
    except (IntegrityError, NameTaken) as race:
        raise lost(race) from None
    if checked.name is not None:
        release_hold(rollers, checked.name)
    return Upgraded(user, credentials)


def lock_guest(session: Session, user_id: int) -> User:
    """The guest's row, locked. Raises :class:`AlreadyMember`, ``LoginRequired`` when it is gone meanwhile."""
    user = session.scalar(select(User).where(User.id == user_id).with_for_update())
    if user is None or not user.is_active:
        raise LoginRequired
    if user.is_registered:
        raise AlreadyMember
    return user


def start_anew(session: Session, user: User, session_id: int | None) -> Credentials:
    """Make the locked guest a member: what recognised the guest is gone, and one fresh session begins.

    It is that of the browser of ``session_id``, which is told of answers and mentions as it was before.
    """
    user.is_registered = True
    user.registered_at = clock.now()
    user.fingerprint_hash = user.fingerprint_data = None
    session.execute(delete(Handover).where(Handover.user_id == user.id))
    resume_codes.revoke(session, user.id)
    sessions.end_all(session, user)
    session.flush()
    credentials = sessions.start(session, user, Audience.PAGES)
    subscriptions.move_to_session(session, user.id, subscriptions.of_session(session_id), credentials.access.session_id)
    session.execute(delete(Device).where(Device.user_id == user.id))
    subscriptions.drop_dead(session, [user.id])
    return credentials


def _register(session: Session, user: User, checked: Checked, rollers: list[str], address: str | None) -> None:
    user.email, user.password_hash, user.registration_ip = checked.email, checked.password_hash, address
    session.flush()
    if checked.name is not None and checked.name != user.username:
        name_account(session, user, checked.name, rollers)
