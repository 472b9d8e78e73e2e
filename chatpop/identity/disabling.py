"""Disabling an account, and letting it in again; and the right to run the site.

A disabled account keeps everything but can do nothing: each of its requests is refused with a sentence.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from chatpop.core.errors import DomainError, NotFound
from chatpop.core.transactions import transaction
from chatpop.identity import audit, sessions
from chatpop.identity.models import User


class AccountNotFound(NotFound):
    code, sentence = "account_not_found", "There is no such account."


class AdminStays(DomainError):
    status, code = 409, "admin_stays"
    sentence = "This account runs the site. Take the admin right away first."


class LastAdmin(DomainError):
    status, code = 409, "last_admin"
    sentence = "This is the only admin who can log in. Make somebody else an admin first."


class MembersOnly(DomainError):
    status, code = 422, "members_only"
    sentence = "Only a member whose account is neither disabled nor forgotten can be an admin."


def load(session: Session, user_id: int) -> User:
    """The account, locked for the transaction. Raises :class:`AccountNotFound`."""
    user = session.get(User, user_id, with_for_update=True)
    if user is None:
        raise AccountNotFound
    return user


def disable(user_id: int, *, by: User | None, reason: str = "") -> User:
    """End everything the account was given; it can't come back until it is enabled.

    Twice is once. Raises :class:`AccountNotFound`, :class:`AdminStays`. Streams close at the next look:
    see ``lifecycle.shutting_out``.
    """
    with transaction() as session:
        user = load(session, user_id)
        if user.is_admin:
            raise AdminStays
        if not user.is_disabled:
            user.is_disabled = True
            sessions.end_all(session, user)
            audit.record(session, "account_disabled", actor=by, subject=user, reason=reason.strip()[:200] or None)
        return user


def enable(user_id: int, *, by: User | None) -> User:
    """Let the account in again; its old log-ins stay dead. Raises :class:`AccountNotFound`."""
    with transaction() as session:
        user = load(session, user_id)
        if user.is_disabled:
            user.is_disabled = False
            audit.record(session, "account_enabled", actor=by, subject=user)
        return user


def make_admin(user_id: int, *, by: User | None) -> User:
    """Let a member run the site. Raises :class:`AccountNotFound`, :class:`MembersOnly`."""
    with transaction() as session:
        user = load(session, user_id)
        if not (user.is_registered and user.is_active):
            raise MembersOnly
        if not user.is_admin:
            user.is_admin = True
            audit.record(session, "admin_made", actor=by, subject=user)
        return user


def unmake_admin(user_id: int, *, by: User | None) -> User:
    """Take the right away. Raises :class:`AccountNotFound`, :class:`LastAdmin`.

    All admins' rows are locked, in one order: of two who take it from each other at once, one stays.
    """
    with transaction() as session:
        admins = _locked_admins(session)
        user = session.get(User, user_id)
        if user is None:
            raise AccountNotFound
        if not user.is_admin:
            return user
        if not any(admin.is_active and admin.id != user.id for admin in admins):
            raise LastAdmin
        user.is_admin = False
        audit.record(session, "admin_unmade", actor=by, subject=user)
        return user


def _locked_admins(session: Session) -> Sequence[User]:
    return session.scalars(select(User).where(User.is_admin.is_(True)).order_by(User.id).with_for_update()).all()
