"""The keys of stored files: 22 url-safe characters, so that no path can be made of them."""

from __future__ import annotations

import re
from typing import Final

_KEY: Final = re.compile(r"[A-Za-z0-9_-]{22}")


class BadKey(ValueError):
    """A mistake of the program: keys are never made of what people send."""


def checked(key: str) -> str:
    """The key itself. Raises :class:`BadKey`."""
    if not _KEY.fullmatch(key):
        raise BadKey("A key has 22 url-safe characters.")
    return key


def is_key(text: str) -> bool:
    return _KEY.fullmatch(text) is not None
