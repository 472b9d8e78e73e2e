"""What is not allowed in a name somebody chose, by word and by key, and what only looks like it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from chatpop.names.key import canonical_key
from chatpop.names.screening import stems
from chatpop.names.tokens import DIGITS, spellings, words_with_digits
from chatpop.names.wordlists import ExtraWords, sections

RUDE: Final = "This name contains or resembles a rude or hateful word. Please choose another one."
SIGN: Final = "This name contains a number that is used as a sign of hate. Please choose another one."
LOCAL: Final = "This name contains a word that this site does not allow. Please choose another one."

_SEPARATOR: Final = re.compile(r"[_-]")
_NUMBER: Final = re.compile(r"[0-9]+")
_BETWEEN_LETTERS: Final = re.compile(r"[a-z][0-9]+[a-z]")


@dataclass(frozen=True)
class Matcher:
    """Our list, compiled."""

    anywhere: re.Pattern[str]
    ending: re.Pattern[str]
    whole: Callable[[str], object]
    innocent: tuple[str, ...]
    innocent_words: frozenset[str]
    phrases: tuple[str, ...]

    def is_rude_at_end(self, word: str) -> bool:
        # Not at digits: Iguana21 is an iguana, though 21 passes for "zi".
        if word[-1] in DIGITS or not self.ending.search(stems.flatten(word)):
            return False
        return not word.rstrip("s").endswith(self.innocent)


def chosen_refusal(name: str, extra: ExtraWords | None = None) -> str | None:
    """Why this name (it has passed check_shape) is not allowed, in general terms; None if it is fine."""
    words = words_with_digits(name)
    joined = "".join(words)
    if any(number in _signs() for number in _NUMBER.findall(joined)):
        return SIGN
    if _rude_inside(_core(name), words) or _rude_word(name, joined):
        return RUDE
    if extra and extra.blocked and _blocked_here(name, extra.blocked):
        return LOCAL
    return None


@cache
def matcher() -> Matcher:
    lists = sections("blocked_words")
    innocent = lists["innocent"]
    return Matcher(
        anywhere=stems.anywhere(lists["anywhere"]),
        ending=stems.at_end(lists["ending"]),
        whole=stems.whole((*lists["word"], *lists["ending"])),
        innocent=tuple(word for word in innocent if not word.startswith("=")),
        innocent_words=frozenset(word.removeprefix("=") for word in innocent),
        phrases=lists["phrases"],
    )


def _core(name: str) -> str:
    """The name in one piece, without the digits at the edges of its pieces."""
    pieces = _SEPARATOR.split(name.lower())
    return "".join(piece if len(piece) == 1 else piece.strip(DIGITS) for piece in pieces).strip(DIGITS)


def _rude_inside(core: str, words: list[str]) -> bool:
    """A word that is refused anywhere. Digits at the edges are letters only if the word begins with it all.

    ``Sh17`` is refused, ``Fish17`` is a fish.
    """
    if any(_uncovered_hits(text) for text in _texts(core)):
        return True
    edged = (word for word in words if not word.isalpha() and (word[0] in DIGITS or word[-1] in DIGITS))
    return any(matcher().anywhere.match(stems.flatten(word)) for word in edged)


def _texts(core: str) -> Iterator[str]:
    """The name without separators, and also without the digits between its letters."""
    yield core
    if _BETWEEN_LETTERS.search(core):
        yield "".join(letter for letter in core if letter.isalpha())


def _uncovered_hits(text: str) -> bool:
    flat = stems.flatten(text)
    hit = matcher().anywhere.search(flat)
    while hit:
        if not any(start <= hit.start() and hit.end() <= end for start, end in _innocent_spans(text)):
            return True
        hit = matcher().anywhere.search(flat, hit.start() + 1)
    return False


def _innocent_spans(text: str) -> Iterator[tuple[int, int]]:
    for word in matcher().innocent:
        start = text.find(word)
        while start >= 0:
            yield start, start + len(word)
            start = text.find(word, start + 1)


def _rude_word(name: str, joined: str) -> bool:
    """A whole word of the name, or the end of one, that is refused."""
    known = matcher()
    for word in spellings(name):
        if len(word) < 2 or word in known.innocent_words:
            continue
        if known.whole(stems.flatten(word)) or known.is_rude_at_end(word):
            phrases = (phrase for phrase in known.phrases if phrase in joined)
            if not any(word in phrase or word.endswith(phrase) for phrase in phrases):
                return True
    return False


@cache
def _signs() -> frozenset[str]:
    return frozenset(sections("digit_groups")["chosen"])


def _blocked_here(name: str, blocked: frozenset[str]) -> bool:
    short, long = _local_keys(blocked)
    key = canonical_key(name)
    if any(word in key for word in long):
        return True
    return not short.isdisjoint(canonical_key(word) for word in spellings(name))


@lru_cache(maxsize=64)
def _local_keys(blocked: frozenset[str]) -> tuple[frozenset[str], tuple[str, ...]]:
    """The operator's words: as a whole word of a name; anywhere too, if of four letters and without ``=``."""
    words = {word.strip().removeprefix("="): "=" in word for word in blocked if word.isascii()}
    keys = {canonical_key(word): whole_only for word, whole_only in words.items()}
    keys.pop("", None)
    return frozenset(keys), tuple(key for key, whole_only in keys.items() if len(key) > 3 and not whole_only)
