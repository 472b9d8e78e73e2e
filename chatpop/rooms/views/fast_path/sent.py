"""What the fast path reads off a request, without Flask's request around it."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from itsdangerous import BadSignature
from werkzeug.exceptions import SecurityError
from werkzeug.sansio.utils import get_host

from chatpop.config import Config
from chatpop.core.ids import CODE_ALPHABET, CODE_LENGTH
from chatpop.identity import cookies
from chatpop.identity.cookies import Kind
from chatpop.web import csrf

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

MOST_BYTES = 32 * 1024
"""Of a body: the longest text, each character of it escaped as three, fits well into it."""
_PATH = re.compile(rf"/rooms/([{CODE_ALPHABET}]{{{CODE_LENGTH}}})/messages")
_FORM = "application/x-www-form-urlencoded"
_PLAIN = frozenset({"body", "client_id", "reply_to", csrf.FIELD})


@dataclass(frozen=True, slots=True)
class Sent:
    """A message as the room's page sends it; ``access`` is the token of who has sent it."""

    code: str
    access: str
    body: str
    client_id: str


def is_candidate(environ: WSGIEnvironment) -> bool:
    """Whether this may be such a message; nothing is read for it."""
    return (
        environ["REQUEST_METHOD"] == "POST"
        and _PATH.fullmatch(environ.get("PATH_INFO", "")) is not None
        and environ.get("HTTP_SEC_FETCH_SITE") == "same-origin"
        and environ.get("HTTP_HX_REQUEST") == "true"
        and environ.get("HTTP_HX_BOOSTED") != "true"
        and environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() == _FORM
        and environ.get("CONTENT_LENGTH", "").isdecimal()
        and 0 < int(environ["CONTENT_LENGTH"]) <= MOST_BYTES
    )


def read(environ: WSGIEnvironment, config: Config) -> Sent | None:
    """The message, or None where the long way has to read it; its body can be read there all the same."""
    access = _cookie(environ, Kind.ACCESS)
    if access is None or not _is_our_host(environ, config):
        return None
    fields = _fields(environ)
    if fields is None or not fields.keys() <= _PLAIN or fields.get("reply_to"):
        return None
    token = environ.get("HTTP_X_CSRF_TOKEN") or fields.get(csrf.FIELD)
    if not fields.get("client_id") or (token and not _is_ours(config.secret_key, token)):
        return None
    return Sent(environ["PATH_INFO"].split("/")[2], access, fields.get("body", ""), fields["client_id"])


def _cookie(environ: WSGIEnvironment, kind: Kind) -> str | None:
    """The only value under the cookie's name."""
    name = cookies.full_name(kind, is_secure=environ["wsgi.url_scheme"] == "https")
    values = cookies.values_of(environ.get("HTTP_COOKIE", ""), name)
    return values.pop() if len(values) == 1 else None


def _is_our_host(environ: WSGIEnvironment, config: Config) -> bool:
    try:
        return bool(get_host(environ["wsgi.url_scheme"], environ.get("HTTP_HOST"), None, config.hosts))
    except SecurityError:
        return False


def _fields(environ: WSGIEnvironment) -> dict[str, str] | None:
    """The form, where all of it has come and no name comes twice."""
    length = int(environ["CONTENT_LENGTH"])
    raw = environ["wsgi.input"].read(length)
    environ["wsgi.input"] = io.BytesIO(raw)
    if len(raw) < length:
        return None
    try:
        pairs = parse_qsl(raw.decode(), keep_blank_values=True, errors="strict")
    except ValueError:
        return None
    fields = dict(pairs)
    return fields if len(fields) == len(pairs) else None


def _is_ours(secret: str, token: str) -> bool:
    try:
        csrf.read_token(secret, token)
    except (BadSignature, ValueError, TypeError):
        return False
    return True
