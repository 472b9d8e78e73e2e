"""HTML and JSON answers are sent compressed: most of a room's first load is its own markup.

Form tokens are random in every page, so a compressed length tells nothing about them.
"""

from __future__ import annotations

import gzip

from flask import Flask, Response, request

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
    if len(body) < SMALLEST or request.accept_encodings["gzip"] <= 0 or "Content-Encoding" in response.headers:
        return response
    response.set_data(gzip.compress(body, 5, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    return response
