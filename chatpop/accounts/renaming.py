"""Renaming: a member takes another name; the old one stays theirs, and so do places under it."""

from __future__ import annotations

import math
from datetime import timedelta

from sqlalchemy import select

from chatpop.accounts.naming import name_account, release_hold
from chatpop.accounts.refusals import NotAccepted
from chatpop.core import clock
from chatpop.core.errors import RegistrationRequired, TooMany
from chatpop.core.texts import on_day, text
from chatpop.core.transactions import transaction
from chatpop.identity.models import User
from chatpop.names import availability
from chatpop.names.availability import Availability
from chatpop.names.registry import NameTaken
from chatpop.settings import registry


class RenamedRecently(TooMany):
    code = "renamed_recently"


def rename(member: User, name: str, wanted: Availability, rollers: list[str]) -> User:
    """Give ``member`` another account name; the same name again changes nothing.

    ``wanted`` is what the counted check has said of it.

    Raises ``NotAccepted``, :class:`RenamedRecently`, ``ServiceAway``.
    """
    if name == member.username:
        return member
    if not wanted.available:
        raise NotAccepted({"username": wanted.message})
    try:
        with transaction() as session:
            user = session.scalars(select(User).where(User.id == member.id).with_for_update()).one()
            if not user.is_registered:
                raise RegistrationRequired
            check_cooldown(user)
            name_account(session, user, name, rollers)
            user.renamed_at = clock.now()
    except NameTaken:
        raise NotAccepted({"username": availability.TAKEN}) from None
    release_hold(rollers, name)
    return user


def check_cooldown(user: User) -> None:
    """Raises :class:`RenamedRecently` while the last rename is too young."""
    days = registry.NAME_RENAME_COOLDOWN_DAYS.get()
    if user.renamed_at is None:
        return
    free_at = user.renamed_at + timedelta(days=days)
    if free_at > clock.now():
        wait = math.ceil((free_at - clock.now()).total_seconds())
        raise RenamedRecently(
            text(
                "You changed your name less than %(days)s days ago. You can change it again on %(day)s.",
                days=days,
                day=on_day(free_at),
            ),
            limit=days,
            retry_after=wait,
        )
