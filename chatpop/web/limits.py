"""RateLimit headers, from what ``core.limits`` has counted in this request."""

from __future__ import annotations

from flask import Flask, Response

from chatpop.core import limits


def init_app(app: Flask) -> None:
    app.before_request(_forget)
    app.after_request(_tell)


def _forget() -> None:
    limits.spent.set(None)


def _tell(response: Response) -> Response:
    allowance = limits.spent.get()
    if allowance is not None:
        response.headers["RateLimit-Limit"] = str(allowance.limit)
        response.headers["RateLimit-Remaining"] = str(allowance.remaining)
        response.headers["RateLimit-Reset"] = str(allowance.reset)
    return response
