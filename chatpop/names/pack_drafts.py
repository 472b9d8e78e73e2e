"""Writing word packs: reading a draft, saving it, taking one away."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from chatpop.core import clock, database
from chatpop.core.errors import DomainError, NotFound
from chatpop.core.texts import text
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.names import crowding, packs, rules, screening
from chatpop.names.capacity import capacity
from chatpop.names.key import canonical_key
from chatpop.names.models import PackKind, WordPack
from chatpop.names.packs import InForce

MAX_WORDS = 2_000
MIN_NAMES = 100_000
"""Fewer names of three digits than this would fill in no time."""
MAX_NAME, MAX_LANGUAGE, MAX_SOURCE = 60, 16, 200

_LISTED = re.compile(r"=?[A-Za-z0-9_-]{2,64}")
_THROWN = re.compile(r"[a-z]{2,16}")


class BadPack(DomainError):
    status, code = 422, "bad_pack"


class PackNotFound(NotFound):
    code, sentence = "pack_not_found", "There is no such word pack."


@dataclass(frozen=True, slots=True)
class Draft:
    """A pack as an operator writes it; in ``text`` words stand apart by blanks or commas, # starts a comment."""

    name: str
    kind: PackKind
    text: str
    language: str = "en"
    source: str = ""
    is_enabled: bool = True


@dataclass(frozen=True, slots=True)
class Reading:
    """The words of a text, and those that can't be used, with the reason."""

    words: list[str]
    skipped: list[tuple[str, str]]


def read_words(kind: PackKind, text: str) -> Reading:
    """The usable words in rising order, each once; names are ASCII, so other words can't be in one."""
    found: set[str] = set()
    skipped: list[tuple[str, str]] = []
    for line in text.splitlines():
        for word in re.split(r"[\s,;]+", line.partition("#")[0].strip().lower()):
            reason = _unusable(kind, word) if word else None
            if reason:
                skipped.append((word, reason))
            elif word:
                found.add(word)
    return Reading(sorted(found), skipped)


def save(draft: Draft, *, changed_by: int | None, pack_id: int | None = None) -> int:
    """Store the draft as a new pack or in the place of one; returns its id. In force at once.

    Raises :class:`BadPack`, :class:`PackNotFound`.
    """
    reading = _checked(draft, pack_id)
    try:
        with transaction() as session:
            pack = session.get(WordPack, pack_id) if pack_id is not None else WordPack(version=0)
            if pack is None:
                raise PackNotFound
            pack.name, pack.language, pack.kind = draft.name.strip(), draft.language.strip(), draft.kind
            pack.words, pack.source, pack.is_enabled = " ".join(reading.words), draft.source.strip(), draft.is_enabled
            pack.version, pack.changed_by, pack.changed_at = pack.version + 1, changed_by, clock.now()
            session.add(pack)
            session.flush()
            saved = pack.id
    except IntegrityError:
        raise BadPack(text("There is a pack of this name already.")) from None
    packs.forget()
    return saved


def delete(pack_id: int) -> None:
    """Take a pack away; its words are out of force at once. Raises :class:`PackNotFound`."""
    with transaction() as session:
        pack = session.get(WordPack, pack_id)
        if pack is None:
            raise PackNotFound
        session.delete(pack)
    packs.forget()


def everything() -> list[WordPack]:
    """All packs by name, the disabled ones too."""
    return list(db.session.scalars(select(WordPack).order_by(WordPack.name)))


def find(pack_id: int) -> WordPack:
    """Raises :class:`PackNotFound`."""
    pack = db.session.get(WordPack, pack_id)
    if pack is None:
        raise PackNotFound
    return pack


def _unusable(kind: PackKind, word: str) -> str | None:
    if kind in (PackKind.FIRST, PackKind.SECOND):
        if not _THROWN.fullmatch(word):
            return text("words of the dice have 2 to 16 letters from a to z")
        other = "cat" if kind == PackKind.FIRST else "calm"
        pair = (word, other) if kind == PackKind.FIRST else (other, word)
        name = pair[0].capitalize() + pair[1].capitalize()
        if not screening.generated_is_clean(*pair, "") or rules.refusal(name) is not None:
            return text("nobody may be called by this word without having chosen it")
        return None
    if not _LISTED.fullmatch(word) or not canonical_key(word.removeprefix("=")):
        return text("names have only the letters a to z, digits, - and _")
    return None


def _checked(draft: Draft, pack_id: int | None) -> Reading:
    reading = read_words(draft.kind, draft.text)
    if not 1 <= len(draft.name.strip()) <= MAX_NAME:
        raise BadPack(text("A pack's name has 1 to %(max_name)s characters.", max_name=MAX_NAME))
    if len(draft.language.strip()) > MAX_LANGUAGE or len(draft.source.strip()) > MAX_SOURCE:
        raise BadPack(
            text(
                "The language has at most %(max_language)s characters, the source %(max_source)s.",
                max_language=MAX_LANGUAGE,
                max_source=MAX_SOURCE,
            )
        )
    if not reading.words:
        raise BadPack(text("A pack needs at least one usable word."))
    if len(reading.words) > MAX_WORDS:
        raise BadPack(
            text(
                "A pack has at most %(max_words)s words; this one has %(number)s.",
                max_words=f"{MAX_WORDS:,}",
                number=f"{len(reading.words):,}",
            )
        )
    if capacity(crowding.MIN_DIGITS, merged(draft, reading, pack_id).dice_words()) < MIN_NAMES:
        raise BadPack(
            text("With this pack the dice would have fewer than %(min_names)s names left.", min_names=f"{MIN_NAMES:,}")
        )
    return reading


def merged(draft: Draft, reading: Reading, pack_id: int | None) -> InForce:
    """What would be in force with the draft in the place of the pack ``pack_id``."""
    with database.reading(), db.engine.connect() as connection:
        rows = connection.execute(select(WordPack.id, WordPack.kind, WordPack.words).where(WordPack.is_enabled))
        others = [(row.kind, row.words) for row in rows if row.id != pack_id]
    return packs.collect([*others, *([(draft.kind, " ".join(reading.words))] if draft.is_enabled else [])])
