"""The dice: two words of coolname's lists and some digits, fit for anybody to be called by."""

from __future__ import annotations

import secrets
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Final

from chatpop.names import screening
from chatpop.names.key import canonical_key
from chatpop.names.wordlists import sections

MAX_GENERATED: Final = 24
"""Characters of a generated name, its digits included."""

MAX_DIGITS: Final = 9
"""More digits would leave too few pairs that fit."""


@dataclass(frozen=True)
class Words:
    """The words the dice throws, in lower case, and the pairs of them that must not meet."""

    firsts: tuple[str, ...]
    seconds: tuple[str, ...]
    dropped_pairs: frozenset[str]

    def fits(self, first: str, second: str) -> bool:
        """Whether the two may stand side by side; by coolname's own rule their first four letters differ."""
        return first[:4] != second[:4] and f"{first}+{second}" not in self.dropped_pairs

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Every pair that can come up."""
        return ((a, b) for a in self.firsts for b in self.seconds if self.fits(a, b))


@cache
def words() -> Words:
    """coolname's adjectives and animals without those on our drop lists; read at the first roll."""
    # coolname builds its default generator when imported: not before somebody rolls.
    from coolname.data import config

    dropped = sections("generated_words")
    return Words(
        firsts=_without(_words_of(config, "adj_any"), dropped["first"]),
        seconds=_without(_words_of(config, "subj"), dropped["second"]),
        dropped_pairs=frozenset(sections("generated_pairs")["pairs"]),
    )


def _words_of(config: Mapping[str, object], key: str) -> Iterator[str]:
    """The words under a key of coolname's configuration, its nested lists followed."""
    entry = config[key]
    if not isinstance(entry, dict):
        raise TypeError(f"coolname's list {key} is no dictionary")
    for nested in _strings(entry.get("lists")):
        yield from _words_of(config, nested)
    yield from _strings(entry.get("words"))


def _strings(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _without(found: Iterator[str], dropped: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(found).difference(dropped)))


class Dice:
    """Throws names. ``random`` must be hard to guess: who can tell the next names can hold them first."""

    def __init__(self, random: Random | None = None) -> None:
        self._random = random or secrets.SystemRandom()

    def candidate(self, digits: int) -> str:
        """One name with exactly ``digits`` digits (``HappyPanda123``); it has passed every rule of names.

        Raises ValueError for more than MAX_DIGITS digits.
        """
        room = _room_for_words(digits)
        lists = words()
        firsts, seconds, fits = lists.firsts, lists.seconds, lists.fits
        groups: int = 10**digits
        throws = len(firsts) * len(seconds) * groups
        # About one throw in twenty is dropped; each is independent, so a run of drops ends soon.
        while True:
            throw, number = divmod(self._random.randrange(throws), groups)
            first, second = firsts[throw // len(seconds)], seconds[throw % len(seconds)]
            group = f"{number:0{digits}d}" if digits else ""
            if len(first) + len(second) <= room and fits(first, second) and screening.digits_are_clean(group):
                return first.capitalize() + second.capitalize() + group

    def candidates(self, digits: int, count: int) -> list[str]:
        """``count`` names no two of which share a key; ``count`` is small beside ``capacity(digits)``."""
        found: dict[str, str] = {}
        while len(found) < count:
            name = self.candidate(digits)
            found.setdefault(canonical_key(name), name)
        return list(found.values())


def capacity(digits: int) -> int:
    """How many names with exactly ``digits`` digits, no two with one key, the dice can throw.

    Digits fold one to one and never into a digraph, so keys of pairs and groups of digits multiply.
    """
    return bisect_right(_pair_lengths(), _room_for_words(digits)) * screening.clean_digit_groups(digits)


def longest_name(digits: int) -> str:
    """One of the longest names with ``digits`` digits the dice can throw."""
    room = _room_for_words(digits)
    fitting = ((a, b) for a, b in words().pairs() if len(a) + len(b) <= room)
    first, second = max(fitting, key=lambda pair: len(pair[0]) + len(pair[1]))
    return first.capitalize() + second.capitalize() + "3" * digits


def _room_for_words(digits: int) -> int:
    if not 0 <= digits <= MAX_DIGITS:
        raise ValueError(f"digits go from 0 to {MAX_DIGITS}")
    return MAX_GENERATED - digits


@cache
def _pair_lengths() -> tuple[int, ...]:
    """The length of the shortest pair of every key, in rising order (half a second, once a process)."""
    shortest: dict[str, int] = {}
    for first, second in words().pairs():
        key = canonical_key(first + second)
        shortest[key] = min(len(first) + len(second), shortest.get(key, MAX_GENERATED))
    return tuple(sorted(shortest.values()))
