"""Reading the browser that comes back off the present request, and letting it in."""

from __future__ import annotations

from flask import request

from chatpop.core.limits import Bucket
from chatpop.core.transactions import transaction
from chatpop.identity import cookies, devices, sessions
from chatpop.identity.browser_labels import browser_label
from chatpop.identity.comebacks import Browser
from chatpop.identity.cookies import Kind
from chatpop.identity.guests import Welcome
from chatpop.identity.newcomers import settle
from chatpop.identity.recognition import present_session_id
from chatpop.web.client_address import client_address, network_buckets


def present_browser() -> Browser:
    return Browser(browser_label(request.headers.get("User-Agent", "")), client_address())


def network_tries(what: str, amount: int, window: int) -> list[Bucket]:
    """The buckets of the present network for failed tries of ``what``."""
    return network_buckets(what, client_address(), amount, window)


def settle_back(welcome: Welcome) -> None:
    """The present browser is the one who came back from this answer on; what it was before has ended.

    A member's coming keeps the guest that this browser may be, as any log-in does.
    """
    session_id, device_secret = present_session_id(), cookies.read(Kind.DEVICE)
    with transaction() as session:
        if session_id is not None:
            sessions.end(session, session_id)
        if device_secret is not None and welcome.device_secret is not None:
            devices.revoke(session, device_secret)
    settle(welcome)
