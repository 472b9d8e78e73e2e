"""Error answers under ``/api/v1`` in the words of RFC 9457; what is said is decided by ``web.errors``."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Response, json, request

PREFIX = "/api/v1"
MEDIA_TYPE = "application/problem+json"


def dress(response: Response) -> Response:
    """Turn the site's JSON error into a problem, for every address under the prefix, known or not."""
    is_ours = request.path == PREFIX or request.path.startswith(f"{PREFIX}/")
    if not is_ours or response.status_code < 400:
        return response
    told: dict[str, Any] = response.get_json(silent=True) or {}
    problem = {
        "type": "about:blank",
        "title": HTTPStatus(response.status_code).phrase,
        "status": response.status_code,
        "detail": told.pop("error", ""),
        "code": told.pop("code", "error"),
    }
    response.set_data(json.dumps({**told, **problem}))
    response.content_type = MEDIA_TYPE
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        wrong = problem["code"] == "invalid_token"
        response.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"' if wrong else "Bearer"
    return response
