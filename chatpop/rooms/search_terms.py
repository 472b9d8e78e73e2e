"""What somebody who searches may mean: words by their beginnings, or a run of signs as it stands."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from chatpop.core.errors import DomainError
from chatpop.core.texts import text

QUERY_LIMIT = 100
MOST_WORDS = 8
LEAST = 2
"""Letters of the longest word: one alone would find nearly everything."""

_WORD = re.compile(r"[^\W_]+")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u318f\u31a0-\u31ff\u3400-\u9fff\ua960-\ua97f\uac00-\ud7ff"
    "\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
"""Scripts that are written without blanks between words; a word of theirs may stand inside of another."""


class NothingToSearch(DomainError):
    status, code = 422, "nothing_to_search"
    sentence = "Type at least two letters or digits of a word."


class QueryTooLong(DomainError):
    status, code = 422, "query_too_long"
    sentence = text("A search can have at most %(query_limit)s characters.", query_limit=QUERY_LIMIT)


@dataclass(frozen=True, slots=True)
class Terms:
    """``words`` all stand in the message, by their beginnings; without any, ``run`` stands in it as it is."""

    words: tuple[str, ...]
    run: str

    @property
    def marks(self) -> re.Pattern[str]:
        """What is to be marked in a message that was found."""
        if not self.words:
            return re.compile(re.escape(self.run), re.I)
        either = "|".join(re.escape(word) for word in sorted(self.words, key=len, reverse=True))
        return re.compile(rf"(?<![^\W_])(?:{either})", re.I)


def read(query: str) -> Terms:
    """Raises :class:`NothingToSearch`, :class:`QueryTooLong`."""
    text = " ".join("".join(char if _is_shown(char) else " " for char in query).split())
    if len(text) > QUERY_LIMIT:
        raise QueryTooLong
    if _UNSPACED.search(text):
        return Terms((), text)
    words = tuple(dict.fromkeys(word.lower() for word in _WORD.findall(text)))[:MOST_WORDS]
    if words and max(map(len, words)) >= LEAST:
        return Terms(words, text)
    if not words and any(unicodedata.category(char) in ("So", "Sc", "Sm", "Sk") and char > "\x7f" for char in text):
        return Terms((), text)
    raise NothingToSearch


def _is_shown(char: str) -> bool:
    return unicodedata.category(char) not in ("Cc", "Cs", "Cn", "Co")
