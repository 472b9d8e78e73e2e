"""The words a name is made of: ``HappyPanda12`` is ``happy`` and ``panda``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

DIGITS: Final = "0123456789"

_WORD: Final = re.compile(r"[A-Z0-9]+(?![a-z])|[A-Z]?[a-z0-9]+|[A-Z]")
_LETTERS: Final = re.compile(r"[a-z]+")


def words_with_digits(name: str) -> list[str]:
    """The words, lower-cased, cut at separators and at CamelCase; digits count as letters (``Adm1n``)."""
    return [word.lower() for word in _WORD.findall(name)]


def spellings(name: str) -> Iterator[str]:
    """Every way to read a word in the name: as it stands, without edge digits, cut at digits, spelt out.

    The whole name is one of them: ``a_s_s`` and ``aDmIn`` are words too.
    """
    words = words_with_digits(name)
    whole = "".join(words)
    for word in (*words, whole) if len(words) > 1 else words:
        yield word
        if not word.isalpha():
            yield word.rstrip(DIGITS)
            yield word.lstrip(DIGITS)
            yield word.strip(DIGITS)
            yield from _LETTERS.findall(word)
    yield from _spelt_out(words)


def _spelt_out(words: list[str]) -> Iterator[str]:
    """Runs of single characters, joined: ``big_a_s_s`` holds ``ass``."""
    run = ""
    for word in (*words, ""):
        if len(word) == 1:
            run += word
            continue
        if len(run) > 1:
            yield run
        run = ""
