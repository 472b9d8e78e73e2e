"""Names of files as people see them. They are never a path of ours: a file lies under its random id."""

from __future__ import annotations

import mimetypes
import re
import unicodedata

from chatpop.uploads.models import NAME_LIMIT

UNNAMED = "file"
SUFFIX_LIMIT = 12
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Control, direction and other unseen characters (CR and LF in headers, reversed endings), by category."""
_SUFFIXES = {
    "image/jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "image/png": (".png", ".apng"),
    "image/gif": (".gif",),
    "image/webp": (".webp",),
}


def clean(name: str, picture_type: str | None = None) -> str:
    """The last part of a path, without what can't be seen, at most ``NAME_LIMIT`` characters, never empty.

    A picture's name ends as its content demands: ``run.php`` that is a PNG becomes ``run.php.png``.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    seen = "".join(" " if char.isspace() else char for char in last if _is_seen(char))
    text = re.sub(r" +", " ", seen).strip(" .") or UNNAMED
    text = _cut(text, NAME_LIMIT)
    if picture_type is None:
        return text
    fitting = _SUFFIXES.get(picture_type) or (mimetypes.guess_extension(picture_type) or "",)
    if text.lower().endswith(fitting):
        return text
    return text[: NAME_LIMIT - len(fitting[0])] + fitting[0]


def _is_seen(char: str) -> bool:
    return unicodedata.category(char) not in _INVISIBLE or char in "\t\n\r"


def _cut(text: str, limit: int) -> str:
    """Shortened in the middle, so that the ending stays."""
    if len(text) <= limit:
        return text
    stem, dot, suffix = text.rpartition(".")
    if not dot or len(suffix) > SUFFIX_LIMIT:
        return text[:limit].rstrip(" .")
    return stem[: limit - len(suffix) - 1].rstrip(" .") + dot + suffix
