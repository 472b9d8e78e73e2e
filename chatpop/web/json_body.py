"""Reading JSON bodies without ever failing on them."""

from __future__ import annotations

from typing import Any

from flask import request

from chatpop.core.errors import DomainError
from chatpop.core.texts import text


class BadBody(DomainError):
    status, code, sentence = 400, "bad_body", "The body must be a JSON object."


class BodyTooLarge(DomainError):
    status, code, sentence = 413, "too_large", "The body is too large."


def json_object(*, optional: bool = False) -> dict[str, Any]:
    """The request's JSON object. ``optional`` lets an empty body through as {}. Raises :class:`BadBody`."""
    if optional and not request.get_data(cache=True):
        return {}
    try:
        body = request.get_json(force=True, silent=True)
    except RecursionError:  # thousands of opening brackets
        raise BadBody from None
    if not isinstance(body, dict):
        raise BadBody
    return body


def text_field(body: dict[str, Any], name: str) -> str:
    """The text under ``name``. Raises :class:`BadBody` when it is missing or no text."""
    value = body.get(name)
    if not isinstance(value, str):
        raise BadBody(text("The field %(name)s is required and must be a text.", name=name))
    if "\x00" in value or _has_lone_surrogate(value):
        raise BadBody(text("The field %(name)s contains characters that can't be stored.", name=name))
    return value


def _has_lone_surrogate(value: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in value)
