"""Identifiers and random values; all from the operating system's random source."""

from __future__ import annotations

import hashlib
import secrets

# No 0/O, 1/I/L, 5/S, 2/Z, 8/B, U/V: a code is read aloud and typed from a beamer.
CODE_ALPHABET = "34679ACDEFGHJKMNPQRTWXY"
CODE_LENGTH = 6


def room_code() -> str:
    """Six unambiguous characters: 23**6 = 148 million codes."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def secret_token() -> str:
    """256 random bits, URL-safe (43 characters)."""
    return secrets.token_urlsafe(32)


def short_token() -> str:
    """96 random bits, URL-safe (16 characters); for ids that are no secrets on their own."""
    return secrets.token_urlsafe(12)


def hash_token(token: str) -> str:
    """What is stored in place of a 256-bit random token: SHA-256, 64 hex characters.

    A slow hash is not needed: the token has full entropy, so a stolen table can't be guessed.
    """
    return hashlib.sha256(token.encode()).hexdigest()
