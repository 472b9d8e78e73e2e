"""The fast path's answer: the same headers that the long way's hooks put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatpop.core.limits import Allowance
from chatpop.identity.cookies import values_of
from chatpop.web import compression, languages, limits, request_log, security_headers

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

STATUS = "201 CREATED"
_ALWAYS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Vary", "Accept-Encoding, Accept-Language, Cookie"),
    ("Cache-Control", "no-store"),
    *security_headers.HEADERS.items(),
]


def headers(environ: WSGIEnvironment, fragment: bytes) -> tuple[list[tuple[str, str]], bytes]:
    """The headers that hang on the request and the fragment, and the body, compressed where that is worth it."""
    told, body = [*_ALWAYS, ("Content-Language", _language(environ))], fragment
    if environ["wsgi.url_scheme"] == "https":
        told.append(security_headers.HTTPS_ONLY)
    if compression.is_worth_it(fragment, environ.get("HTTP_ACCEPT_ENCODING", "")):
        body = compression.packed(fragment)
        told.append(("Content-Encoding", "gzip"))
    return [*told, ("Content-Length", str(len(body)))], body


def told(request_id: str, allowance: Allowance | None) -> list[tuple[str, str]]:
    """The request's id, and how the limit stands."""
    standing = limits.headers_of(allowance) if allowance is not None else {}
    return [(request_log.HEADER, request_id), *standing.items()]


def _language(environ: WSGIEnvironment) -> str:
    """What the browser has chosen or asks for. The fragment itself is the same for all."""
    chosen = values_of(environ.get("HTTP_COOKIE", ""), languages.COOKIE)
    return languages.wanted(next(iter(chosen), ""), environ.get("HTTP_ACCEPT_LANGUAGE", ""))
