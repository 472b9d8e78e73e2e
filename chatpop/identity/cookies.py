"""The site's identity cookies: their names, how they are read, and how they are set."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import cast

from flask import Response, current_app, g, request
from itsdangerous import BadSignature, URLSafeSerializer


class Kind(StrEnum):
    ACCESS = "access"
    REFRESH = "refresh"
    DEVICE = "device"
    VISITOR = "visitor"
    LOGGED_OUT = "visitor_out"
    """Somebody logged out here, so the headers alone log nobody in (policy ``headers``)."""
    KNOWN_BROWSER = "known"
    """Which accounts have logged in here with a password; no credential, see ``accounts.throttle``."""


KEPT_LENGTH = 200
"""Ours are shorter; what is longer is not kept in memory."""
IDENTITY = (Kind.ACCESS, Kind.REFRESH, Kind.DEVICE)


@dataclass(frozen=True, slots=True)
class _Change:
    value: str | None
    max_age: int


def name_of(kind: Kind) -> str:
    """``__Host-`` binds a cookie to this very host, but browsers take it over https only."""
    return full_name(kind, is_secure=request.is_secure)


def full_name(kind: Kind, *, is_secure: bool) -> str:
    """The cookie's name on a line that is https, or is not."""
    return f"__Host-chatpop_{kind}" if is_secure else f"chatpop_{kind}"


def read(kind: Kind) -> str | None:
    """The value sent. Two different values under one name are nobody's (a sibling host's toss), and are cleared."""
    values = values_of(request.headers.get("Cookie", ""), name_of(kind))
    if len(values) > 1:
        clear(kind)
    return values.pop() if len(values) == 1 else None


def values_of(header: str, name: str) -> set[str]:
    """All values under exactly this name in a ``Cookie`` header.

    Werkzeug's reader takes every kind of blank off a name, and so a sibling host's ``<U+2000>__Host-...``,
    which browsers do not guard, for ours (SECURITY, row 10).
    """
    pairs = (pair.partition("=") for pair in header.split(";"))
    return {value.strip(" ").strip('"') for key, _, value in pairs if key.strip(" ") == name}


def put(kind: Kind, value: str, max_age: int) -> None:
    """Set the cookie with this request's answer; ``max_age`` in seconds."""
    _changes()[kind] = _Change(value, max_age)


def clear(*kinds: Kind) -> None:
    """Take cookies away with this request's answer, if the browser has them."""
    for kind in kinds:
        _changes()[kind] = _Change(None, 0)


def send(response: Response) -> Response:
    """Write what this request has decided; for ``after_request``."""
    for kind, change in _changes().items():
        name = name_of(kind)
        if change.value is not None:
            response.set_cookie(
                name,
                change.value,
                max_age=change.max_age,
                httponly=True,
                samesite="Lax",
                secure=request.is_secure,
            )
        elif name in request.cookies:
            response.delete_cookie(name, httponly=True, samesite="Lax", secure=request.is_secure)
    return response


def _changes() -> dict[Kind, _Change]:
    if "cookie_changes" not in g:
        g.cookie_changes = {}
    return cast("dict[Kind, _Change]", g.cookie_changes)


def sign(value: str, purpose: str) -> str:
    """``value`` with a signature that holds for ``purpose`` alone."""
    return str(_signer(purpose).dumps(value))


def unsign(signed: str | None, purpose: str) -> str | None:
    """The value, or None when the signature is not ours for this purpose."""
    read = _read if len(signed or "") < KEPT_LENGTH else _read.__wrapped__
    return read(current_app.config["SECRET_KEY"], purpose, signed or "")


@lru_cache(maxsize=2048)
def _read(secret: str, purpose: str, signed: str) -> str | None:
    """Kept, because a page asks for the same cookie several times, and its next request again."""
    try:
        value = _serializer(secret, purpose).loads(signed)
    except BadSignature:
        return None
    return value if isinstance(value, str) else None


def _signer(purpose: str) -> URLSafeSerializer:
    return _serializer(current_app.config["SECRET_KEY"], purpose)


@lru_cache(maxsize=64)
def _serializer(secret: str, purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt=f"chatpop.{purpose}")
