"""The client's address: what a trusted proxy says, else the peer; and the networks it counts for."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from flask import request
from werkzeug.middleware.proxy_fix import ProxyFix

from chatpop.config import Config
from chatpop.core.limits import Bucket

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LOOPBACK = [ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128")]
UNKNOWN = "unknown"
WIDE_FACTOR = 10
"""An IPv6 /48 may do this many times what a /64 may (DESIGN section 3)."""


class TrustedProxies:
    """WSGI wrapper: believes ``X-Forwarded-*`` from listed peers only and removes it otherwise."""

    def __init__(self, app: WSGIApplication, config: Config) -> None:
        self._plain = app
        self._proxied = ProxyFix(app, x_for=config.trusted_proxies, x_proto=1, x_host=0, x_port=0, x_prefix=0)
        self._hops = config.trusted_proxies
        self._peers = config.trusted_proxy_cidrs or LOOPBACK

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if self._hops and self._is_listed(environ.get("REMOTE_ADDR", "")):
            return self._proxied(environ, start_response)
        for name in [name for name in environ if name.startswith("HTTP_X_FORWARDED_") or name == "HTTP_FORWARDED"]:
            del environ[name]
        return self._plain(environ, start_response)

    def _is_listed(self, peer: str) -> bool:
        address = parse(peer)
        return address is not None and any(address in network for network in self._peers)


def parse(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address from what proxies write: port and zone dropped, v4-in-v6 as v4; None if it is none."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].split("]")[0]
    elif text.count(":") == 1:
        text = text.split(":")[0]
    try:
        address = ipaddress.ip_address(text.split("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def client_address() -> str | None:
    """The present client's address, or None when it can't be known."""
    return address_of(request.remote_addr)


@lru_cache(maxsize=1024)
def address_of(peer: str | None) -> str | None:
    """The address in its one spelling, or None where it is none."""
    address = parse(peer or "")
    return str(address) if address else None


def network_of(address: str | None) -> str:
    """The network one client counts for: IPv4 /32, IPv6 /64 (as Mastodon does)."""
    parsed = parse(address or "")
    if parsed is None:
        return UNKNOWN
    return str(parsed) if parsed.version == 4 else _prefix(parsed, 64)


def network_buckets(what: str, address: str | None, amount: int, window: int) -> list[Bucket]:
    """``amount`` per ``window`` seconds for the client's network, ten times that for its IPv6 /48."""
    buckets = [Bucket(what, network_of(address), amount, window)]
    parsed = parse(address or "")
    if parsed is not None and parsed.version == 6:
        buckets.append(Bucket(what, _prefix(parsed, 48), amount * WIDE_FACTOR, window))
    return buckets


def _prefix(address: ipaddress.IPv4Address | ipaddress.IPv6Address, length: int) -> str:
    return str(ipaddress.ip_network((address, length), strict=False))
