"""What a word pack would do, before it is saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from chatpop.core import database
from chatpop.core.errors import DomainError
from chatpop.core.texts import text
from chatpop.extensions import db
from chatpop.names import crowding, packs, rules
from chatpop.names.capacity import capacity, longest_name
from chatpop.names.dice import OutOfWords
from chatpop.names.key import canonical_key
from chatpop.names.models import Name, NameState, PackKind
from chatpop.names.pack_drafts import Draft, Reading, merged, read_words
from chatpop.names.packs import InForce


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say of one pasted name now and with the draft; None is "allowed"."""

    name: str
    now: DomainError | None
    then: DomainError | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What saving the draft would do.

    The two capacities are of names with the site's present number of digits; ``clashes`` are pairs of a word
    and what it meets: a word that the dice has already, words that it would lose, a name that somebody has.
    """

    reading: Reading
    capacity_now: int
    capacity_then: int
    longest_name: str
    clashes: list[tuple[str, str]]
    verdicts: list[Verdict]


def preview(draft: Draft, names: Sequence[str] = (), *, pack_id: int | None = None) -> Preview:
    """What the draft, in the place of the pack ``pack_id``, would change; nothing is stored.

    Counting takes up to two seconds. ``names`` is the operator's pasted list.
    """
    reading = read_words(draft.kind, draft.text)
    now, then = packs.current(), merged(draft, reading, pack_id)
    digits = crowding.site_digits()
    lists = then.dice_words()
    try:
        longest = longest_name(digits, lists)
    except OutOfWords:
        longest = ""
    return Preview(
        reading=reading,
        capacity_now=capacity(digits, packs.words()),
        capacity_then=capacity(digits, lists),
        longest_name=longest,
        clashes=_clashes(draft.kind, reading.words, then),
        verdicts=[
            Verdict(name, rules.refusal(name, now.extra), rules.refusal(name, then.extra)) for name in names if name
        ],
    )


def _clashes(kind: PackKind, words: list[str], then: InForce) -> list[tuple[str, str]]:
    lists = packs.words()
    if kind in (PackKind.FIRST, PackKind.SECOND):
        known = {canonical_key(word): word for word in (lists.firsts if kind == PackKind.FIRST else lists.seconds)}
        keys = ((word, canonical_key(word)) for word in words)
        return [(word, text("the dice has %(value)s already", value=known[key])) for word, key in keys if key in known]
    if kind == PackKind.BLOCKED:
        left = then.dice_words()
        lost = sorted({*lists.firsts, *lists.seconds} - {*left.firsts, *left.seconds})
        return [(word, text("the dice would lose this word")) for word in lost]
    by_key = {canonical_key(word): word for word in words}
    with database.reading(), db.engine.connect() as connection:
        rows = connection.execute(
            select(Name.key, Name.display).where(Name.key.in_(by_key), Name.state == NameState.ACTIVE)
        )
        return [
            (by_key[row.key], text("somebody has the name %(display)s and keeps it", display=row.display))
            for row in rows
        ]
