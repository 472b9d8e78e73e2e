"""Reading the present request's evidence."""

from __future__ import annotations

from flask import request

from chatpop.identity.fingerprint import HEADER_LIMIT, Evidence
from chatpop.web.client_address import client_address


def present_evidence() -> Evidence:
    """User-Agent, Accept-Language, Accept-Encoding and address of the present request."""
    return Evidence(
        user_agent=_header("User-Agent"),
        accept_language=_header("Accept-Language"),
        accept_encoding=_header("Accept-Encoding"),
        client_ip=client_address(),
    )


def _header(name: str) -> str:
    return request.headers.get(name, "").replace("\x00", "")[:HEADER_LIMIT]
