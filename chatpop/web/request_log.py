"""One log line and one count for each request, and the id that ties a request's lines together.

A line tells the endpoint, never the path or the query, which may hold codes; the address only as its network.
"""

from __future__ import annotations

import ipaddress
import re
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import structlog
from flask import Flask, Response, g, request

from chatpop.core import ids, limits, metrics, tallies
from chatpop.web.client_address import WIDE_FACTOR, parse

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

HEADER = "X-Request-ID"
QUIET = frozenset({"assets.show", "health.alive", "health.ready"})
"""Endpoints that are logged only when they fail: each page asks for them, or each second a watchdog does."""
_SHAPE = re.compile(r"[A-Za-z0-9_.-]{8,64}")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Answered:
    """A request and its answer, as the log tells of them. ``address`` is the peer's, which is told as its network."""

    method: str
    endpoint: str
    status: int
    seconds: float
    tier: str
    user_id: int | None
    address: str | None


def init_app(app: Flask) -> None:
    tallies.forget()
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.request_began = time.perf_counter()
    g.request_id = start(request.environ)


def start(environ: WSGIEnvironment) -> str:
    """Begin the log and the counts of a request; its id."""
    request_id = _id(environ)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id)
    limits.charges.set(())
    return request_id


def _id(environ: WSGIEnvironment) -> str:
    """A trusted proxy's id, so that its log and ours can be read together; else one of our own."""
    sent = environ.get("HTTP_X_REQUEST_ID", "")
    is_trusted = "werkzeug.proxy_fix.orig" in environ  # only a listed peer's requests pass ProxyFix
    return sent if is_trusted and _SHAPE.fullmatch(sent) else ids.short_token()


def _end(response: Response) -> Response:
    if "request_began" not in g:
        return response
    seconds = time.perf_counter() - g.request_began
    response.headers[HEADER] = g.request_id
    tier, user_id = _who()
    if _is_page(response):
        tallies.see(f"{request.remote_addr} {request.headers.get('User-Agent', '')}")
    endpoint = request.endpoint or "none"
    note(Answered(request.method, endpoint, response.status_code, seconds, tier, user_id, request.remote_addr))
    return response


def note(answered: Answered) -> None:
    """Count a request, and write its line."""
    metrics.note_request(answered.endpoint, answered.status, answered.seconds)
    _note_charges(answered.tier)
    if answered.status >= 400 or answered.endpoint not in QUIET:
        log.info(
            "request",
            method=answered.method,
            endpoint=answered.endpoint,
            status=answered.status,
            ms=round(answered.seconds * 1000, 1),
            tier=answered.tier,
            user=answered.user_id,
            network=shortened(answered.address),
        )


def _who() -> tuple[str, int | None]:
    """As far as the request had to find out; nobody is looked up for the log."""
    user = g.get("_login_user")
    if user is None or not user.is_authenticated:
        return "visitor", None
    return user.tier, user.id


def _note_charges(tier: str) -> None:
    for charge in limits.charges.get():
        what, who = charge.bucket.what, charge.bucket.who
        metrics.note_charge(what, charge.is_refused)
        tallies.note_peak(metrics.kind_of(what), _unit(what, who, tier), who, _reached(who, charge.reached))


def _unit(what: str, who: str, tier: str) -> str:
    if who.startswith(("user:", "visitor:")):
        return tier
    return "class_pass" if what.startswith("class-pass") else "network"


def _reached(who: str, number: int) -> int:
    """As the setting counts: a wide network may do ten times as much, so ten of it are one."""
    return -(-number // WIDE_FACTOR) if who.endswith("/48") else number


def _is_page(response: Response) -> bool:
    return request.method == "GET" and response.status_code == 200 and response.mimetype == "text/html"


@lru_cache(maxsize=1024)
def shortened(address: str | None) -> str | None:
    """The network of an address, as logs may keep it: IPv4 /24, IPv6 /48."""
    parsed = parse(address or "")
    if parsed is None:
        return None
    return str(ipaddress.ip_network((parsed, 24 if parsed.version == 4 else 48), strict=False))
