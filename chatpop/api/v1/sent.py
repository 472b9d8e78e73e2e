"""What programs send: JSON objects, and OAuth2's forms where RFC 6749 asks for them."""

from __future__ import annotations

from typing import Any

from flask import request
from werkzeug.exceptions import UnsupportedMediaType

from chatpop.api.v1.describing import FORM, JSON
from chatpop.web.json_body import BadBody, json_object


def json_body() -> dict[str, Any]:
    """The JSON object sent. Raises ``UnsupportedMediaType``, ``BadBody``."""
    if request.mimetype != JSON:
        raise UnsupportedMediaType
    return json_object()


def form_or_json() -> dict[str, Any]:
    """The fields of a form (OAuth2) or of a JSON object. Raises ``UnsupportedMediaType``, ``BadBody``."""
    return dict(request.form.items()) if request.mimetype == FORM else json_body()


def optional_number(body: dict[str, Any], name: str) -> int | None:
    """A whole number, 30.0 too (JSON knows no difference), or None. Raises ``BadBody``."""
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value // 1:
        raise BadBody(f"The field {name} must be a whole number.")
    return int(value)
