"""RateLimit headers, from what ``core.limits`` has counted in this request."""

from __future__ import annotations

from flask import Flask, Response

from chatpop.core import limits
from chatpop.core.limits import Allowance


def init_app(app: Flask) -> None:
    app.before_request(_forget)
    app.after_request(_tell)


def _forget() -> None:
    limits.spent.set(None)


def headers_of(allowance: Allowance) -> dict[str, str]:
    """What tells of an allowance (draft-ietf-httpapi-ratelimit-headers-07)."""
    return {
        "RateLimit-Limit": str(allowance.limit),
        "RateLimit-Remaining": str(allowance.remaining),
        "RateLimit-Reset": str(allowance.reset),
    }


def _tell(response: Response) -> Response:
    allowance = limits.spent.get()
    if allowance is not None:
        response.headers.update(headers_of(allowance))
    return response
