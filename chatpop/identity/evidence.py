"""Reading the present request's evidence."""

from __future__ import annotations

from collections.abc import Callable

from flask import request

from chatpop.identity.fingerprint import HEADER_LIMIT, Evidence
from chatpop.web.client_address import client_address


def present_evidence() -> Evidence:
    """User-Agent, Accept-Language, Accept-Encoding and address of the present request."""
    return evidence_of(lambda name: request.headers.get(name, ""), client_address())


def evidence_of(header: Callable[[str], str], address: str | None) -> Evidence:
    """The same of any request; ``header`` gives the value of a header, empty where it was not sent."""

    def kept(name: str) -> str:
        return header(name).replace("\x00", "")[:HEADER_LIMIT]

    return Evidence(kept("User-Agent"), kept("Accept-Language"), kept("Accept-Encoding"), address)
