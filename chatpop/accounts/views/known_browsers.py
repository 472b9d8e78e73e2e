"""The cookie of a browser that a member has logged in on; it lets nobody in."""

from __future__ import annotations

from chatpop.accounts.sessions import KnownBrowser
from chatpop.core import ids
from chatpop.identity import cookies
from chatpop.identity.cookies import Kind
from chatpop.identity.models import User

PURPOSE = "known-browser"
SECONDS = 400 * 86_400
MOST_ACCOUNTS = 5


def present_browser() -> KnownBrowser | None:
    """What the present browser's cookie says; None when it has none of ours."""
    value = cookies.unsign(cookies.read(Kind.KNOWN_BROWSER), PURPOSE)
    if value is None:
        return None
    browser_id, _, users = value.partition(":")
    return KnownBrowser(browser_id, tuple(int(user_id) for user_id in users.split(",")))


def remember_browser(user: User) -> None:
    """``user`` has logged in here; the newest accounts are kept."""
    known = present_browser() or KnownBrowser(ids.short_token())
    users = [user.id, *(user_id for user_id in known.user_ids if user_id != user.id)][:MOST_ACCOUNTS]
    value = f"{known.browser_id}:{','.join(map(str, users))}"
    cookies.put(Kind.KNOWN_BROWSER, cookies.sign(value, PURPOSE), SECONDS)
