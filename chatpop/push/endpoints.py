"""Where a message may be posted to: the address comes from a client, so nothing inside of our network may be reached.

It must be https on the usual port. Its name is looked up when something is sent, every address found must be a public
one, and the connection goes to one of just these: a name that changes its mind in between leads nowhere else.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from chatpop.core.errors import DomainError
from chatpop.push.models import ENDPOINT_LIMIT

HTTPS = 443
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class BadEndpoint(DomainError):
    status, code = 422, "bad_endpoint"
    sentence = "This address of a push service can't be used here."


class Unreachable(Exception):
    """The name leads nowhere at present, or to an address that is none of a push service."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """``target`` is path and query. ``is_own``: the operator has named host and port as a service of theirs."""

    host: str
    port: int
    target: str
    is_own: bool

    @property
    def origin(self) -> str:
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return f"https://{shown}" if self.port == HTTPS else f"https://{shown}:{self.port}"


def parse(address: str, allowed: Collection[str] = ()) -> Endpoint:
    """Read an address. Raises :class:`BadEndpoint`.

    ``allowed`` are the only hosts, where there are some: ``fcm.googleapis.com``, ``*.push.apple.com``, and
    ``push.lan:8443``, which names a service of the operator's own that may have a private address.
    """
    host, port, target = _parts(address)
    is_own = f"{host}:{port}" in allowed
    if not is_own and (port != HTTPS or not _is_named(host, allowed)):
        raise BadEndpoint
    if not is_own and (_as_address(host) is not None or "." not in host):
        raise BadEndpoint  # push services have names
    return Endpoint(host, port, target, is_own)


def addresses_of(endpoint: Endpoint) -> list[str]:
    """Where the host is now. Raises :class:`Unreachable`; one address of our own network spoils them all."""
    try:
        found = socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable from None
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not addresses or not (endpoint.is_own or all(is_public(address) for address in addresses)):
        raise Unreachable
    return addresses


def is_public(address: str) -> bool:
    """Whether the address is one of the public internet, and none that carries another address inside."""
    found = _as_address(address.partition("%")[0])
    if found is None or "%" in address:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        if found in _NAT64:  # what hosts with IPv6 alone get for an IPv4 address
            found = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        elif found.ipv4_mapped or found.sixtofour or found.teredo:
            return False
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)


def _parts(address: str) -> tuple[str, int, str]:
    """Host, port, path with query. Raises :class:`BadEndpoint`."""
    if len(address) > ENDPOINT_LIMIT or not address.isascii() or not address.isprintable() or " " in address:
        raise BadEndpoint
    try:
        parts = urlsplit(address)
        port = parts.port or HTTPS
    except ValueError:
        raise BadEndpoint from None
    if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc or parts.fragment or "\\" in address:
        raise BadEndpoint
    target = parts.path or "/"
    return parts.hostname.rstrip("."), port, f"{target}?{parts.query}" if parts.query else target


def _is_named(host: str, allowed: Collection[str]) -> bool:
    return not allowed or any(
        host == name or (name.startswith("*.") and host.endswith(name[1:])) for name in allowed if ":" not in name
    )


def _as_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address in any spelling that a resolver takes: 127.1 and 0x7f000001 are addresses, too."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(text))
    except (OSError, ValueError):
        return None
