"""Where a browser may be sent: to pages of this site only."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

FIELD = "next"
_FIRST_SIGN, _LAST_SIGN = "\x21", "\x7e"


def own_path(target: str | None) -> str | None:
    """``target`` if it is the address of a page of ours, else None (SECURITY, row 49).

    Browsers take ``//host``, ``/\\host`` and, dropping tabs and line ends, ``/<tab>/host`` for other hosts.
    """
    if not target or target[0] != "/" or target[1:2] in ("/", "\\"):
        return None
    if any(not _FIRST_SIGN <= char <= _LAST_SIGN for char in target):
        return None
    try:
        current_app.url_map.bind(request.host).match(unquote(urlsplit(target).path), method="GET")
    except (HTTPException, RequestRedirect, ValueError):
        return None
    return target


def next_path(default: str = "/") -> str:
    """Where this request says to go on to, if that is a page of ours."""
    return own_path(request.values.get(FIELD)) or default
