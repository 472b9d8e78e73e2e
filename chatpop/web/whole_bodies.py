"""A body that ends before its announced length came from a line that broke: it is refused, not taken for the whole."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class WholeBodies:
    """WSGI wrapper: lets werkzeug count the bytes.

    gunicorn says of every body that it ends by itself, so werkzeug does not look whether as much has come as
    ``Content-Length`` says; without that word it raises ``ClientDisconnected`` (400) for a shorter one.
    """

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("CONTENT_LENGTH"):
            environ.pop("wsgi.input_terminated", None)
        return self._app(environ, start_response)
