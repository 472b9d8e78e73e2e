"""The dice: two words and some digits, fit for anybody to be called by."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from random import Random
from typing import Final

from chatpop.names import screening, vocabulary
from chatpop.names.key import canonical_key
from chatpop.names.vocabulary import Words

MAX_GENERATED: Final = 24
"""Characters of a generated name, its digits included."""

MAX_DIGITS: Final = 9
"""More digits would leave too few pairs that fit."""

MAX_THROWS: Final = 1_000
"""About one throw in twenty is dropped; only an operator's own words can make it nearly all."""


class OutOfWords(Exception):
    """The words in force leave next to no name that may be given out."""


class Dice:
    """Throws names. ``random`` must be hard to guess: who can tell the next names can hold them first."""

    def __init__(self, random: Random | None = None, words: Callable[[], Words] = vocabulary.words) -> None:
        self._random = random or secrets.SystemRandom()
        self._words = words

    def candidate(self, digits: int) -> str:
        """One name with exactly ``digits`` digits (``HappyPanda123``); it has passed every rule of names.

        Raises ValueError for more than MAX_DIGITS digits, OutOfWords when nearly all throws are forbidden.
        """
        room = room_for_words(digits)
        lists = self._words()
        firsts, seconds, fits = lists.firsts, lists.seconds, lists.fits
        groups: int = 10**digits
        throws = len(firsts) * len(seconds) * groups
        for _ in range(MAX_THROWS if throws else 0):
            throw, number = divmod(self._random.randrange(throws), groups)
            first, second = firsts[throw // len(seconds)], seconds[throw % len(seconds)]
            group = f"{number:0{digits}d}" if digits else ""
            if len(first) + len(second) <= room and fits(first, second) and screening.digits_are_clean(group):
                name = first.capitalize() + second.capitalize() + group
                if lists.allows(name):
                    return name
        raise OutOfWords

    def candidates(self, digits: int, count: int) -> list[str]:
        """``count`` names no two of which share a key; ``count`` is small beside ``capacity(digits)``."""
        found: dict[str, str] = {}
        while len(found) < count:
            name = self.candidate(digits)
            found.setdefault(canonical_key(name), name)
        return list(found.values())


def room_for_words(digits: int) -> int:
    """Letters that ``digits`` digits leave. Raises ValueError for more than MAX_DIGITS."""
    if not 0 <= digits <= MAX_DIGITS:
        raise ValueError(f"digits go from 0 to {MAX_DIGITS}")
    return MAX_GENERATED - digits
