"""The only reader and writer of HTMX headers."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse


def is_htmx() -> bool:
    """Whether the answer goes into a page as a fragment."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"


def trigger(response: Response, event: str, detail: dict[str, Any]) -> Response:
    """Let the page's scripts know of ``event`` once the fragment is in place."""
    response.headers["HX-Trigger-After-Swap"] = json.dumps({event: detail})
    return response


def go(path: str) -> BaseResponse:
    """Send the browser to ``path`` (one of our own): a 303, or a redirect by HTMX."""
    if is_htmx():
        response = Response(status=204)
        response.headers["HX-Redirect"] = path
        return response
    return redirect(path, 303)
