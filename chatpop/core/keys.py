"""Keys for single purposes, derived from the one site secret."""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache


@lru_cache(maxsize=1024)
def derive_key(secret: str, purpose: str) -> bytes:
    """A 256-bit key for ``purpose``; HKDF-Expand (RFC 5869) with one block of SHA-256.

    Different purposes give independent keys, so a value signed for one door opens no other.
    """
    root = hashlib.sha256(secret.encode()).digest()
    return hmac.new(root, purpose.encode() + b"\x01", hashlib.sha256).digest()


def keyed_tag(key: bytes, *fields: str, length: int = 64) -> str:
    """HMAC-SHA-256 over length-prefixed fields, as ``length`` hex characters.

    The prefix keeps ("ab", "c") and ("a", "bc") apart.
    """
    mac = hmac.new(key, digestmod=hashlib.sha256)
    for field in fields:
        raw = field.encode()
        mac.update(len(raw).to_bytes(4, "big") + raw)
    return mac.hexdigest()[:length]
