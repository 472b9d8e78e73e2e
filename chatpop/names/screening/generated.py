"""The strict screen for names the dice throws: nobody chose them, so nobody may be hurt by them."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from chatpop.names.screening import stems
from chatpop.names.screening.chosen import chosen_refusal
from chatpop.names.wordlists import sections

_MEMORY: Final = 4
"""Digits one must remember to tell whether a group holds a bad one: one less than the longest of the list."""


def generated_is_clean(first: str, second: str, digits: str) -> bool:
    """Whether two words and a group of digits make a name that can be given to anybody."""
    first, second = first.lower(), second.lower()
    return (
        digits_are_clean(digits)
        and _words_are_clean(first, second)
        and not _meets_badly(first, second)
        and not _spans_border(first, second)
        and chosen_refusal(f"{first.capitalize()}{second.capitalize()}{digits}") is None
    )


def digits_are_clean(digits: str) -> bool:
    """Whether the digits hold no sign of hate, sex, drugs or murder, and read as no word upside down."""
    inside, alone = _digit_rules()
    return inside.search(digits) is None and digits not in alone


@cache
def clean_digit_groups(length: int) -> int:
    """How many groups of ``length`` digits are clean, counted digit by digit."""
    if length == 0:
        return 1
    inside, alone = _digit_rules()
    endings = {"": 1}
    for _ in range(length):
        longer: dict[str, int] = {}
        for ending, count in endings.items():
            for digit in "0123456789":
                if inside.search(ending + digit) is None:
                    kept = (ending + digit)[-_MEMORY:]
                    longer[kept] = longer.get(kept, 0) + count
        endings = longer
    dropped = [group for group in alone if len(group) == length and inside.search(group) is None]
    return sum(endings.values()) - len(dropped)


@cache
def _digit_rules() -> tuple[re.Pattern[str], frozenset[str]]:
    lists = sections("digit_groups")
    return re.compile("|".join(lists["inside"])), frozenset(lists["whole"])


def _words_are_clean(first: str, second: str) -> bool:
    dropped_firsts, dropped_seconds, _, _ = _word_rules()
    return first not in dropped_firsts and second not in dropped_seconds


def _meets_badly(first: str, second: str) -> bool:
    """Two harmless words that hurt together: a colour of skin and an ape, a size and a whale."""
    *_, meetings, _ = _word_rules()
    return any(first in firsts and second in seconds for firsts, seconds in meetings)


def _spans_border(first: str, second: str) -> bool:
    """A rude word that begins in one word and ends in the other."""
    *_, rude = _word_rules()
    text, border = stems.flatten(first + second), len(first)
    hit = rude.search(text)
    while hit and hit.start() < border:
        if hit.end() > border:
            return True
        hit = rude.search(text, hit.start() + 1)
    return False


_Meeting = tuple[frozenset[str], frozenset[str]]


@cache
def _word_rules() -> tuple[frozenset[str], frozenset[str], tuple[_Meeting, ...], re.Pattern[str]]:
    lists = sections("generated_words")
    meetings = tuple(
        (frozenset(words), frozenset(lists[name.replace("these", "not before")]))
        for name, words in lists.items()
        if name.startswith("these")
    )
    return frozenset(lists["first"]), frozenset(lists["second"]), meetings, stems.anywhere(lists["across"])
