"""Making somebody an admin; only the command line can."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from chatpop.accounts import emails, passwords
from chatpop.accounts.naming import name_account
from chatpop.accounts.passwords import hasher
from chatpop.accounts.registration import Draft
from chatpop.core import clock
from chatpop.core.errors import DomainError
from chatpop.core.texts import text
from chatpop.core.transactions import transaction
from chatpop.identity.models import User
from chatpop.names import rules
from chatpop.names.registry import NameTaken


class AdminRefused(DomainError):
    status, code = 409, "admin_refused"


def create_admin(draft: Draft) -> User:
    """Make an admin account; a member with this very name and address is promoted and keeps the password.

    The operator may take a name that is kept from others, such as "admin". Raises refusals.
    """
    email = emails.parse(draft.email)
    rules.check_shape(draft.username)
    with transaction() as session:
        known = session.scalar(select(User).where(User.username == draft.username, User.is_registered.is_(True)))
        if known is not None and emails.is_same(known.email or "", email):
            known.is_admin = True
            return known
    passwords.check(draft.password, [draft.username, email])
    now = clock.now()
    user = User(
        username=draft.username,
        email=email,
        password_hash=hasher.hash(draft.password),
        is_registered=True,
        is_abandoned=False,
        is_disabled=False,
        is_admin=True,
        epoch=0,
        created_at=now,
        last_seen_at=now,
        registered_at=now,
    )
    try:
        with transaction() as session:
            session.add(user)
            session.flush()
            name_account(session, user, draft.username, [])
    except NameTaken:
        raise AdminRefused(text("This name belongs to somebody else.")) from None
    except IntegrityError:
        raise AdminRefused(text("This e-mail address belongs to another account.")) from None
    return user
