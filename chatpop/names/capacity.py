"""How many names the dice can throw, and how long they get."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from functools import lru_cache
from random import Random
from typing import Final

from chatpop.names import screening, vocabulary
from chatpop.names.dice import MAX_GENERATED, OutOfWords, room_for_words
from chatpop.names.key import canonical_key
from chatpop.names.vocabulary import Words
from chatpop.names.wordlists import NO_EXTRA

_SAMPLE: Final = 4_000


def capacity(digits: int, lists: Words | None = None) -> int:
    """How many names with exactly ``digits`` digits, no two with one key, the dice can throw.

    Digits fold one to one and never into a digraph, so keys of pairs and groups of digits multiply. With an
    operator's words in force the share that they forbid is found on a sample: the number is good to a percent.
    """
    lists = lists or vocabulary.words()
    pairs = bisect_right(_pair_lengths(replace(lists, local=NO_EXTRA)), room_for_words(digits))
    return round(pairs * _allowed_share(lists)) * screening.clean_digit_groups(digits)


def longest_name(digits: int, lists: Words | None = None) -> str:
    """One of the longest names with ``digits`` digits the dice can throw."""
    room = room_for_words(digits)
    lists = lists or vocabulary.words()
    firsts, seconds = (sorted(found, key=len, reverse=True) for found in (lists.firsts, lists.seconds))
    for length in range(room, 1, -1):
        for first in firsts:
            for second in (found for found in seconds if len(first) + len(found) == length):
                name = first.capitalize() + second.capitalize() + "3" * digits
                if lists.fits(first, second) and lists.allows(name):
                    return name
    raise OutOfWords


@lru_cache(maxsize=4)
def _pair_lengths(lists: Words) -> tuple[int, ...]:
    """The length of the shortest pair of every key, in rising order (half a second for a set of words)."""
    keys = {word: canonical_key(word) for word in (*lists.firsts, *lists.seconds)}
    shortest: dict[str, int] = {}
    for first in lists.firsts:
        may_join = first[-1] in "rvw"
        for second in lists.seconds:
            length = len(first) + len(second)
            if length > MAX_GENERATED or not lists.meet(first, second):
                continue
            # Across the border only rn, vv and w can fold together.
            folds = may_join and second[0] in "nvw"
            key = canonical_key(first + second) if folds else keys[first] + keys[second]
            if length < shortest.get(key, MAX_GENERATED + 1):
                shortest[key] = length
    return tuple(sorted(shortest.values()))


@lru_cache(maxsize=4)
def _allowed_share(lists: Words) -> float:
    """The share of the pairs that the operator's words leave, by a sample that is the same each time."""
    if lists.is_ours_alone:
        return 1.0
    random, met, allowed = Random(1), 0, 0  # noqa: S311  no secret: it only counts
    for _ in range(_SAMPLE if lists.firsts and lists.seconds else 0):
        first, second = random.choice(lists.firsts), random.choice(lists.seconds)
        if lists.meet(first, second):
            met += 1
            allowed += lists.fits(first, second) and lists.allows(first.capitalize() + second.capitalize())
    return allowed / met if met else 0.0
