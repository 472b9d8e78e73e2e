"""Searching a room's log: full text by the database, the newest first; deleted messages have no text to be found by.

SQLite keeps the table ``messages_words`` by triggers, PostgreSQL an index of the expression: see ``words_index``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, select

from chatpop.core import limits
from chatpop.core.errors import TooMany
from chatpop.core.limits import Bucket
from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.rooms import ignoring, search_terms, words_index
from chatpop.rooms.formatting import plain_text
from chatpop.rooms.models import BODY_LIMIT, Message, Room
from chatpop.rooms.search_terms import Terms

PAGE_SIZE = 20
MINUTE = 60
SEARCHES_PER_MINUTE = 60
AROUND = 90
"""Characters that are shown before the first word that was found; three times as many in all."""


class TooManySearches(TooMany):
    code, sentence = "too_many_searches", "You have searched a lot in the last minute. Please wait a little."


@dataclass(frozen=True, slots=True)
class Found:
    """Messages, newest first; ``older`` is the number to search on before, None at the end."""

    messages: Sequence[Message]
    older: int | None
    terms: Terms

    def excerpt(self, message: Message) -> list[tuple[str, bool]]:
        """Pieces of the text around what was found, each with whether it is to be marked."""
        return _pieces(plain_text(message.body, BODY_LIMIT), self.terms)


def search(room: Room, reader: User | None, network: str, query: str, before: int | None = None) -> Found:
    """Messages with all the words of ``query``, but none by people whom the reader ignores.

    ``network`` is what a visitor's searches are counted by. Raises ``NothingToSearch``, ``QueryTooLong``,
    :class:`TooManySearches`.
    """
    terms = search_terms.read(query)
    _charge(f"user:{reader.id}" if reader is not None else network)
    statement = _matching(room, terms)
    if before is not None:
        statement = statement.where(Message.seq < before)
    ignored = [row.tag for row in ignoring.ignored_in(room, reader)]
    if ignored:
        statement = statement.where(Message.author_tag.not_in(ignored))
    found = list(db.session.scalars(statement.limit(PAGE_SIZE + 1)))
    shown = found[:PAGE_SIZE]
    return Found(shown, shown[-1].seq if len(found) > PAGE_SIZE else None, terms)


def _matching(room: Room, terms: Terms) -> Select[Message]:
    here = select(Message).where(Message.room_id == room.id, Message.deleted_at.is_(None))
    if not terms.words:
        return here.where(Message.body.icontains(terms.run, autoescape=True)).order_by(Message.seq.desc())
    if db.engine.dialect.name == "sqlite":
        return _by_table(here, _fts5(room.id, terms.words))
    return here.where(_by_index(terms.words)).order_by(Message.seq.desc())


def _by_table(here: Select[Message], match: str) -> Select[Message]:
    """Ids grow with the numbers of a room, and the table gives them backwards without sorting."""
    found = here.join(words_index.TABLE, words_index.TABLE.c.rowid == Message.id)
    return found.where(words_index.TABLE.c.messages_words.op("MATCH")(match)).order_by(words_index.TABLE.c.rowid.desc())


def _fts5(room_id: int, words: Sequence[str]) -> str:
    """Words are letters and digits only, so nothing in them can end a string of FTS5."""
    wanted = " AND ".join(f'body : "{word}" *' for word in words)
    return f'room_id : "{room_id}" AND {wanted}'


def _by_index(words: Sequence[str]) -> ColumnElement[bool]:
    """A database that folds no letters but ASCII finds a word as it is usually written."""
    wanted = " & ".join(
        "(" + " | ".join(f"'{form}':*" for form in sorted({word, word.title()})) + ")" for word in words
    )
    return words_index.WORDS.op("@@", is_comparison=True)(func.to_tsquery(words_index.CONFIGURATION, wanted))


def _pieces(text: str, terms: Terms) -> list[tuple[str, bool]]:
    first = terms.marks.search(text)
    start = max(0, first.start() - AROUND) if first else 0
    shown = text[start : start + 3 * AROUND]
    pieces, end = [("\N{HORIZONTAL ELLIPSIS}", False)] if start else [], 0
    for match in terms.marks.finditer(shown):
        pieces += [(shown[end : match.start()], False), (match[0], True)]
        end = match.end()
    pieces.append((shown[end:], False))
    if start + len(shown) < len(text):
        pieces.append(("\N{HORIZONTAL ELLIPSIS}", False))
    return [piece for piece in pieces if piece[0]]


def _charge(who: str) -> None:
    try:
        limits.spend([Bucket("searches", who, SEARCHES_PER_MINUTE, MINUTE)], without_redis=True)
    except limits.BucketEmpty as refusal:
        raise TooManySearches(limit=refusal.limit, retry_after=refusal.retry_after or 1) from None
