"""The rules of a name: its shape, the names the system keeps for itself, and what may be chosen."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Final

from chatpop.core.errors import DomainError
from chatpop.core.texts import text
from chatpop.names import screening
from chatpop.names.key import canonical_key
from chatpop.names.tokens import DIGITS, spellings
from chatpop.names.wordlists import NO_EXTRA, ExtraWords, sections

__all__ = [
    "MAX_LENGTH", "MIN_LENGTH", "REFUSALS", "SHAPE_REFUSALS", "ExtraWords", "NameCharacters", "NameNotAllowed",
    "NameSystem", "NameTooLong", "NameTooShort", "check_chosen", "check_shape", "is_system_name", "refusal",
]  # fmt: skip

MIN_LENGTH: Final = 3
MAX_LENGTH: Final = 64

_SHAPE: Final = re.compile(r"[A-Za-z0-9_-]+")
_LETTER: Final = re.compile(r"[A-Za-z]")
_LEET: Final = str.maketrans("43796", "aetgg")


class NameTooShort(DomainError):
    status, code = 400, "too_short"
    sentence = text("This name is too short. Use at least %(min_length)s characters.", min_length=MIN_LENGTH)


class NameTooLong(DomainError):
    status, code = 400, "too_long"
    sentence = text("This name is too long. Use at most %(max_length)s characters.", max_length=MAX_LENGTH)


class NameCharacters(DomainError):
    status, code = 400, "characters"
    sentence = "Use only the letters A to Z, digits, - and _ in a name, with at least one letter."


class NameSystem(DomainError):
    status, code = 400, "system_name"
    sentence = "This name is kept for the site itself. Please choose another one."


class NameNotAllowed(DomainError):
    status, code = 400, "not_allowed"
    sentence = "This name is not allowed here. Please choose another one."


SHAPE_REFUSALS: Final = (NameTooShort, NameTooLong, NameCharacters)
REFUSALS: Final = (*SHAPE_REFUSALS, NameSystem, NameNotAllowed)


def check_shape(name: str) -> None:
    """3 to 64 characters, ASCII letters, digits, ``_`` and ``-``, at least one letter.

    Raises NameTooShort, NameTooLong or NameCharacters.
    """
    if len(name) < MIN_LENGTH:
        raise NameTooShort
    if len(name) > MAX_LENGTH:
        raise NameTooLong
    # fullmatch, because "$" lets a trailing newline through.
    if not _SHAPE.fullmatch(name) or not _LETTER.search(name):
        raise NameCharacters


def check_chosen(name: str, extra: ExtraWords | None = None) -> None:
    """All rules for a name somebody picked: shape, system names, screening.

    Raises NameTooShort, NameTooLong, NameCharacters, NameSystem or NameNotAllowed.
    """
    check_shape(name)
    if is_system_name(name, extra):
        raise NameSystem
    reason = screening.chosen_refusal(name, extra)
    if reason is not None:
        raise NameNotAllowed(reason)


def refusal(name: str, extra: ExtraWords | None = None) -> DomainError | None:
    """What :func:`check_chosen` would raise, or None."""
    try:
        check_chosen(name, extra)
    except REFUSALS as found:
        return found
    return None


def is_system_name(name: str, extra: ExtraWords | None = None, paths: Iterable[str] = ()) -> bool:
    """Whether the site keeps this name for itself: in any case, look-alike, or with digits at its edges.

    ``name`` has passed check_shape; ``paths`` are first path segments to keep besides the listed ones.
    """
    lists = sections("system_names")
    plain = name.lower().replace("-", "").replace("_", "").strip(DIGITS)
    if plain in lists["innocent"]:
        return False
    whole = _reserved_keys((extra or NO_EXTRA).reserved)
    if paths:
        whole = whole | frozenset(canonical_key(path) for path in paths if path.isascii())
    readings = {reading for spelling in (name, plain) if spelling for reading in _readings(spelling)}
    if not whole.isdisjoint(readings) or any(_holds_telling_word(reading) for reading in readings):
        return True
    roles = _keys("roles")
    return any(not roles.isdisjoint(_readings(word)) for word in spellings(name) if word)


def _readings(word: str) -> tuple[str, ...]:
    """The keys a reserved word is looked up by; ``cl`` for ``d`` and leet count against these words only."""
    key = canonical_key(word)
    if not ("cl" in key or any(digit in key for digit in "43796")):
        return (key,)
    return key, key.replace("cl", "d"), key.translate(_LEET)


def _holds_telling_word(key: str) -> bool:
    inside, beginning, ending = _telling()
    return key.startswith(beginning) or key.endswith(ending) or any(word in key for word in inside)


@cache
def _telling() -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    return tuple(_keys("inside")), tuple(_keys("beginning")), tuple(_keys("ending"))


@cache
def _keys(section: str) -> frozenset[str]:
    return frozenset(canonical_key(word) for word in sections("system_names")[section])


@lru_cache(maxsize=64)
def _reserved_keys(extra: frozenset[str]) -> frozenset[str]:
    own = frozenset(canonical_key(word) for word in extra if word.isascii())
    return _keys("roles") | _keys("whole") | own
