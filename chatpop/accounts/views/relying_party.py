"""This site as authenticators know it."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import current_app, request

from chatpop.accounts.passkeys import RelyingParty


def present_rp() -> RelyingParty:
    """By PUBLIC_URL, else by the host that the request came to (one of TRUSTED_HOSTS)."""
    origin = current_app.config["CHATPOP"].public_url or request.host_url.rstrip("/")
    return RelyingParty(urlsplit(origin).hostname or "localhost", origin)
