"""Giving an account its name: the one claim, and the hold that it ends."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import update
from sqlalchemy.orm import Session

from chatpop.core.errors import ServiceAway
from chatpop.identity.models import User
from chatpop.names import holds, registry
from chatpop.names.key import canonical_key
from chatpop.names.models import Name, NameKind


def name_account(session: Session, user: User, name: str, rollers: Sequence[str]) -> None:
    """Make ``name`` the account name, inside the caller's transaction.

    A name that is the user's already (an earlier one, or one from a room) takes the new spelling. The
    names given up stay the user's. Raises ``NameTaken``, ``ServiceAway``.
    """
    registry.claim(session, name, user_id=user.id, kind=NameKind.ACCOUNT, rollers=rollers)
    session.execute(
        update(Name)
        .where(Name.key == canonical_key(name), Name.user_id == user.id)
        .values(kind=NameKind.ACCOUNT, display=name)
    )
    user.username = name


def release_hold(rollers: Sequence[str], name: str) -> None:
    """The claimed name is no hold any more; with Redis away it runs out by itself."""
    with suppress(ServiceAway):
        for roller in rollers:
            rolled = holds.find_in_tray(roller, name)
            if rolled is not None:
                holds.release(roller, rolled)
