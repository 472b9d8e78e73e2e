"""Codes that people write down, read aloud and type: Crockford's base 32, five bits a character.

There is no I, L, O or U in it; who types I, L or O meant 1 or 0 (https://www.crockford.com/base32.html).
"""

from __future__ import annotations

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUP = 4
_MEANT = str.maketrans("ILO", "110")


def make(length: int) -> str:
    """A random code of ``length`` characters."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def from_hex(digits: str, length: int) -> str:
    """``length`` characters from the first five times as many bits of ``digits``."""
    number = int(digits, 16) >> (4 * len(digits) - 5 * length)
    return "".join(ALPHABET[(number >> (5 * place)) & 31] for place in reversed(range(length)))


def read(typed: str) -> str:
    """The code as it was made: blanks, hyphens and case do not matter. Nonsense stays nonsense."""
    return "".join(char for char in typed.upper() if char.isascii() and char.isalnum()).translate(_MEANT)


def grouped(code: str) -> str:
    """``ABCD-EFGH`` for reading."""
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))
