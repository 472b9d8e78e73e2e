"""Which form of answer a client can use."""

from __future__ import annotations

from typing import Literal

from flask import request

from chatpop.web.htmx import is_htmx


def wants() -> Literal["json", "fragment", "page"]:
    """JSON for programs, a fragment for HTMX, a page for everybody else."""
    if request.path.startswith("/api/") or request.is_json:
        return "json"
    if is_htmx():
        return "fragment"
    accept = request.accept_mimetypes
    if accept["application/json"] > accept["text/html"]:
        return "json"
    return "page"
