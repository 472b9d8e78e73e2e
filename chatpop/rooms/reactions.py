"""The reactions that messages have got, as they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from chatpop.extensions import db
from chatpop.rooms.models import Message
from chatpop.rooms.reaction_models import Reaction

MOST_NAMES = 50
"""Of one sign, where it is told who has reacted."""


@dataclass(frozen=True, slots=True)
class Tally:
    """One sign under one message, and the tags of those who have set it."""

    emoji: str
    tags: Sequence[str]

    @property
    def count(self) -> int:
        return len(self.tags)


@dataclass(frozen=True, slots=True)
class Reactors:
    """Who has set a sign: the earliest by name, and how many more."""

    emoji: str
    names: Sequence[str]
    more: int


def tallies_of(messages: Iterable[Message], session: Session | None = None) -> dict[int, list[Tally]]:
    """Message id -> its signs in the order in which they came, in one query; none where there is no reaction.

    ``session`` is one to use in place of the request's.
    """
    wanted = {message.id for message in messages if message.is_reacted_to and message.deleted_at is None}
    if not wanted:
        return {}
    tags = func.aggregate_strings(Reaction.tag, " ")
    statement = (
        select(Reaction.message_id, Reaction.emoji, tags)
        .where(Reaction.message_id.in_(wanted))
        .group_by(Reaction.message_id, Reaction.emoji)
        .order_by(Reaction.message_id, func.min(Reaction.id))
    )
    found: dict[int, list[Tally]] = {}
    for message_id, emoji, joined in (session or db.session).execute(statement):
        found.setdefault(message_id, []).append(Tally(emoji, joined.split()))
    return found


def reactors_of(message: Message) -> list[Reactors]:
    """Who has reacted to one message, by sign."""
    if not message.is_reacted_to or message.deleted_at is not None:
        return []
    rows = db.session.execute(
        select(Reaction.emoji, Reaction.name).where(Reaction.message_id == message.id).order_by(Reaction.id)
    )
    names: dict[str, list[str]] = {}
    for emoji, name in rows:
        names.setdefault(emoji, []).append(name)
    return [Reactors(emoji, some[:MOST_NAMES], max(0, len(some) - MOST_NAMES)) for emoji, some in names.items()]
