"""Who is at the admin's door, and when: what the admin views read off the request."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import request

from chatpop.core import clock
from chatpop.core.errors import DomainError, LoginRequired
from chatpop.core.texts import counted, text
from chatpop.identity.models import User
from chatpop.identity.recognition import present_viewer

BAN_LENGTHS = {
    "1d": (text("a day"), timedelta(days=1)),
    "7d": (text("a week"), timedelta(days=7)),
    "30d": (counted("%(num)s day", "%(num)s days", 30), timedelta(days=30)),
    "": (text("for good (the account alone)"), None),
}
"""What can be chosen for a ban of the whole site, and how long it is."""


class BadChoice(DomainError):
    status, code, sentence = 422, "bad_choice", "Choose one of what is offered."


def the_admin() -> User:
    """The admin; behind the guard. Raises ``LoginRequired``."""
    user = present_viewer().user
    if user is None:
        raise LoginRequired
    return user


def ban_end() -> datetime | None:
    """The end that the form has chosen; None is for good. Raises :class:`BadChoice`."""
    chosen = request.form.get("length", "?")
    if chosen not in BAN_LENGTHS:
        raise BadChoice
    length = BAN_LENGTHS[chosen][1]
    return clock.now() + length if length is not None else None


def day(name: str) -> datetime | None:
    """A day of the query as its first moment in UTC; None when it is none."""
    try:
        return datetime.fromisoformat(request.args.get(name, "")).replace(tzinfo=UTC)
    except ValueError:
        return None


def whole_number(name: str) -> int | None:
    """A number of the query, or None."""
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
