"""The header fingerprint: evidence for bans and the audit trail, a key to an account only by policy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chatpop.core.keys import derive_key, keyed_tag

HEADER_LIMIT = 512
"""Longer header values are cut before they are stored or hashed."""
CLIENT_LIMIT = 128


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a request tells of the browser. Missing headers are empty strings."""

    user_agent: str
    accept_language: str
    accept_encoding: str
    client_ip: str | None

    def hash(self, secret: str, *, include_ip: bool) -> str:
        """HMAC-SHA-256 over the length-prefixed fields: 64 hex characters, useless without the secret."""
        fields = [self.user_agent, self.accept_language, self.accept_encoding]
        if include_ip:
            fields.append(self.client_ip or "")
        return keyed_tag(derive_key(secret, "fingerprint"), *fields)

    def data(self, client: str | None) -> dict[str, Any]:
        """The raw fields, as ``User.fingerprint_data``; ``client`` is what the browser sent itself."""
        return {
            "user_agent": self.user_agent,
            "accept_language": self.accept_language,
            "accept_encoding": self.accept_encoding,
            "client_ip": self.client_ip,
            "client": client[:CLIENT_LIMIT] if client else None,
        }
