"""The operator's word packs in force: names kept for the site, words not allowed, more words for the dice.

They are live in every process within two seconds: once a second a process looks whether the list of
packs and their versions is still the one it knows, and reads the words only when it is not.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from chatpop.core import database
from chatpop.extensions import db
from chatpop.names import rules, screening, vocabulary
from chatpop.names.models import PackKind, WordPack
from chatpop.names.vocabulary import Words
from chatpop.names.wordlists import NO_EXTRA, ExtraWords

MAX_AGE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class InForce:
    """What the enabled packs add; ``firsts`` and ``seconds`` are words for the dice."""

    extra: ExtraWords = NO_EXTRA
    firsts: frozenset[str] = frozenset()
    seconds: frozenset[str] = frozenset()

    def dice_words(self) -> Words:
        """Our words for the dice together with these."""
        own = vocabulary.words()
        if self == NOTHING:
            return own
        return Words(
            firsts=self._allowed(self.firsts.union(own.firsts)),
            seconds=self._allowed(self.seconds.union(own.seconds)),
            dropped_pairs=own.dropped_pairs,
            added=(self.firsts - set(own.firsts)) | (self.seconds - set(own.seconds)),
            local=self.extra,
        )

    def _allowed(self, found: Iterable[str]) -> tuple[str, ...]:
        """Without the words that a blocked one forbids on their own."""
        return tuple(sorted(word for word in found if screening.chosen_refusal(word, self.extra) is None))


NOTHING = InForce()

_stamp: frozenset[tuple[object, ...]] = frozenset()
_in_force = NOTHING
_words: Words | None = None
_looked_at = float("-inf")


def current() -> InForce:
    """The packs in force, at most ``MAX_AGE_SECONDS`` old; the last known ones while the database is away."""
    global _looked_at
    if time.monotonic() - _looked_at > MAX_AGE_SECONDS:
        _looked_at = time.monotonic()
        try:
            _refresh()
        except SQLAlchemyError:
            return _in_force
    return _in_force


def words() -> Words:
    """The words that the dice throws at present."""
    global _words
    found = current()
    if _words is None:
        _words = found.dice_words()
    return _words


def check_chosen(name: str) -> None:
    """All rules for a name somebody picked, the operator's words included: what every door asks.

    Raises the refusals of ``rules``.
    """
    rules.check_chosen(name, current().extra)


def forget() -> None:
    """Look again at the next use (after a change in this process)."""
    global _looked_at
    _looked_at = float("-inf")


def collect(packs: Iterable[tuple[str, str]]) -> InForce:
    """What packs, as pairs of kind and words, amount to together."""
    found: dict[str, set[str]] = {kind: set() for kind in PackKind}
    for kind, text in packs:
        found[kind].update(text.split())
    return InForce(
        ExtraWords(frozenset(found[PackKind.RESERVED]), frozenset(found[PackKind.BLOCKED])),
        frozenset(found[PackKind.FIRST]),
        frozenset(found[PackKind.SECOND]),
    )


def _refresh() -> None:
    """On a connection of its own, so that a reader's transaction is not begun for it."""
    global _stamp, _in_force, _words
    with database.reading(), db.engine.connect() as connection:
        enabled = WordPack.is_enabled.is_(True)
        rows = connection.execute(select(WordPack.id, WordPack.version, WordPack.changed_at).where(enabled))
        stamp = frozenset(tuple(row) for row in rows)
        if stamp == _stamp:
            return
        packs = connection.execute(select(WordPack.kind, WordPack.words).where(enabled)).all()
    _in_force, _words = collect((pack.kind, pack.words) for pack in packs), None
    _stamp = stamp
