"""Whom the pages about ways back are for."""

from __future__ import annotations

from chatpop.accounts.refusals import NotProven
from chatpop.core.errors import LoginRequired
from chatpop.identity.models import User
from chatpop.identity.recognition import is_proven, present_viewer


def the_user() -> User:
    """The present guest or member; behind ``require_user``. Raises ``LoginRequired``."""
    user = present_viewer().user
    if user is None:
        raise LoginRequired
    return user


def the_owner() -> User:
    """The same, for what opens the account to another browser or shuts one out. Raises ``NotProven``."""
    user = the_user()
    if not is_proven():
        raise NotProven
    return user
