"""Cross-site request forgery: no page of another site can make a browser write here.

On every unsafe method ``Sec-Fetch-Site``, where present, must be ``same-origin``; else ``Origin``
must be ours; with neither, a valid form token or a JSON body is needed (a form of another site can
send neither). It covers visitors without any cookie, whose first write makes an account.

The token is signed text, not a cookie: it carries a random visitor id of the page (six first
actions of one page are one guest) and, for the logged-in, the account it was made for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from flask import Flask, current_app, g, request
from flask_login import current_user
from itsdangerous import BadSignature, URLSafeSerializer

from chatpop.core import ids
from chatpop.core.errors import DomainError

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FIELD = "csrf_token"
HEADER = "X-CSRF-Token"


class ForeignRequest(DomainError):
    status, code = 403, "cross_site"
    sentence = "This request came from another site and was not carried out."


class BadToken(DomainError):
    status, code = 400, "bad_token"
    sentence = "This form is no longer valid. Please reload the page and try again."


@dataclass(frozen=True, slots=True)
class PageToken:
    """What a form token says: the page's visitor id, and the account it was made for ("" = none)."""

    visitor_id: str
    user_id: str


def init_app(app: Flask) -> None:
    app.before_request(protect)


def make_token() -> str:
    """The token of the page being rendered; one a request."""
    if "csrf_made" not in g:
        user_id = current_user.get_id() if current_user.is_authenticated else ""
        g.csrf_made = _serializer(current_app.config["SECRET_KEY"]).dumps([ids.short_token(), user_id])
    return str(g.csrf_made)


def page_token() -> PageToken | None:
    """The token sent with this request, or None. Raises :class:`BadToken` when it is not one of ours."""
    sent = request.headers.get(HEADER) or request.form.get(FIELD) or ""
    if not sent:
        return None
    try:
        return read_token(current_app.config["SECRET_KEY"], sent)
    except (BadSignature, ValueError, TypeError):
        raise BadToken from None


@lru_cache(maxsize=1024)
def read_token(secret: str, sent: str) -> PageToken:
    """What a token says; kept, since a page sends its one with everything written on it.

    Raises ``BadSignature``, ``ValueError``, ``TypeError`` where it is none of ours.
    """
    visitor_id, user_id = _serializer(secret).loads(sent)
    return PageToken(str(visitor_id), str(user_id))


def protect() -> None:
    """Refuse a request that another site may have made. Raises a refusal."""
    if request.method in SAFE_METHODS or getattr(_view(), "csrf_exempt", False):
        return
    if request.routing_exception is not None:
        return  # no view will run: 404 or 405 is the answer
    vouched = _is_vouched()
    if vouched is False:
        raise ForeignRequest  # before the body is read, which may be a large one
    token = page_token()
    if vouched is None:
        vouched = _is_of_viewer(token) if token is not None else request.mimetype == "application/json"
    if not vouched:
        raise ForeignRequest


def _is_vouched() -> bool | None:
    """What the browser's headers say; None where it sends none."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        return site == "same-origin"
    return _is_ours(origin) if origin is not None else None


def _is_of_viewer(token: PageToken) -> bool:
    return token.user_id == (current_user.get_id() if current_user.is_authenticated else "")


def _view() -> object:
    return current_app.view_functions.get(request.endpoint or "")


def _is_ours(origin: str) -> bool:
    public = current_app.config["CHATPOP"].public_url
    here = urlsplit(request.host_url)
    allowed = {(here.scheme, here.netloc)}
    if public:
        parts = urlsplit(public)
        allowed.add((parts.scheme, parts.netloc))
    try:
        sent = urlsplit(origin)
    except ValueError:  # "http://[", which no browser sends
        return False
    return (sent.scheme, sent.netloc) in allowed


def _serializer(secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt="chatpop.form")
