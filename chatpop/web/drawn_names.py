"""How names are drawn: as dice tiles, word by word, and as letters on a coloured tile.

In Python, and kept, since each message and each roll is drawn so.
"""

from __future__ import annotations

from functools import lru_cache

from markupsafe import Markup

TINTS = 6
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@lru_cache(maxsize=4096)
def spaced(name: str) -> str:
    """``HappyPanda123`` as ``Happy Panda 123``."""
    text, last = "", ""
    for letter in name:
        if letter.isupper() or (letter.isdigit() and not last.isdigit()):
            text += " "
        text += letter
        last = letter
    return text.strip()


@lru_cache(maxsize=4096)
def spoken(name: str) -> str:
    """For the ear: ``HappyPanda123`` as ``Happy Panda 1 2 3``."""
    return " ".join(" ".join(part) if part.isdigit() else part for part in spaced(name).split())


@lru_cache(maxsize=4096)
def tiles(name: str) -> Markup:
    """A tile for each word, and one for the number."""
    return Markup("").join(_tile(part) for part in spaced(name).split())


def _tile(part: str) -> Markup:
    kind = " dice-tile-number" if part.isdigit() else ""
    return Markup('<span class="dice-tile{}">{}</span>').format(kind, part)


def breakable(name: str) -> Markup:
    """A name that a line may break between its words, and only there if that is enough."""
    return Markup("<wbr>").join(spaced(name).split())


@lru_cache(maxsize=4096)
def initials(name: str) -> str:
    """The first letters of its first two words; a number is no word."""
    words = spaced(name).split()
    return "".join(word[0] for number, word in enumerate(words[:2]) if not number or not word.isdigit()).upper()


def tint(tag: str | None) -> int:
    """The number of the colour that belongs to a person's tag."""
    return (_DIGITS.find((tag or "0")[-1].lower()) + 1) % TINTS
