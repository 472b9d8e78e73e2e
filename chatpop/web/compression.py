"""HTML and JSON answers are sent compressed: most of a room's first load is its own markup.

Form tokens are random in every page, so a compressed length tells nothing about them.
"""

from __future__ import annotations

import gzip

from flask import Flask, Response, request
from werkzeug.http import parse_accept_header

SMALLEST = 1_000
"""Bytes; below, packing costs more than it saves."""
_KINDS = ("text/html", "application/json", "application/problem+json")


def init_app(app: Flask) -> None:
    app.after_request(_pack)


def _pack(response: Response) -> Response:
    if response.mimetype not in _KINDS or response.is_streamed or response.direct_passthrough:
        return response
    response.vary.add("Accept-Encoding")
    body = response.get_data()
    if "Content-Encoding" in response.headers or not is_worth_it(body, request.headers.get("Accept-Encoding", "")):
        return response
    response.set_data(packed(body))
    response.headers["Content-Encoding"] = "gzip"
    return response


def is_worth_it(body: bytes, accepted: str) -> bool:
    """Whether it is large enough, and ``Accept-Encoding`` takes it."""
    return len(body) >= SMALLEST and parse_accept_header(accepted)["gzip"] > 0


def packed(body: bytes) -> bytes:
    """The body as gzip."""
    return gzip.compress(body, 5, mtime=0)
