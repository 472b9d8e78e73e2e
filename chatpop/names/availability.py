"""May this name be taken? Looks only: nothing is held, written or counted here.

To strangers a name that is in use, held, resting, retired or too like one of those has one and the
same answer. ``explain`` tells the operator which it is; the owner gets the name as their own.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from chatpop.core import clock, database
from chatpop.core.errors import DomainError
from chatpop.core.texts import text
from chatpop.extensions import db
from chatpop.names import holds, packs, registry, rules
from chatpop.names.alternatives import alternatives
from chatpop.names.holds import Hold
from chatpop.names.key import canonical_key
from chatpop.names.models import Name, NameKind, NameState
from chatpop.names.registry import Standing

__all__ = [
    "AVAILABLE",
    "TAKEN",
    "Availability",
    "Code",
    "Explanation",
    "alternatives",
    "check",
    "explain",
    "refusal_of",
]

AVAILABLE = text("Username is available")
TAKEN = text("Username is already taken")


class Code(StrEnum):
    """Why a well-formed and allowed name is or is not available; refusals of ``rules`` have their own codes."""

    AVAILABLE = "available"
    YOURS = "yours"
    HELD_BY_YOU = "held_by_you"
    TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class Availability:
    """The answer to one caller. ``is_refused``: the rules forbid the name to everybody.

    ``is_reserved_by_other`` and ``is_own_account_name`` are what the JSON call of a room tells.
    """

    available: bool
    code: str
    message: str
    is_refused: bool = False
    is_reserved_by_other: bool = False
    is_own_account_name: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything about one name, for the operator's eyes alone.

    ``code`` is ``free``, ``in_use``, ``held``, ``resting`` or ``retired``, else the code of the rule that refuses
    it; ``looks_like`` is the spelling in the table when it is another one.
    """

    name: str
    key: str | None
    code: str
    refusal: str | None
    looks_like: str | None = None
    owner_id: int | None = None
    kind: str | None = None
    claimed_at: datetime | None = None
    rests_until: datetime | None = None
    hold: Hold | None = None


def check(name: str, *, user_id: int | None, rollers: Collection[str]) -> Availability:
    """Whether the caller may take ``name``: one indexed look-up and one GET.

    What the caller owns or holds is available to them. Raises ``ServiceAway`` when Redis is away.
    """
    try:
        rules.check_shape(name)
        standing, hold = registry.standing(name), holds.holder(name)
        own = _own(standing, hold, user_id, rollers)
        if own is not None:
            return own
        packs.check_chosen(name)
    except rules.REFUSALS as refusal:
        return Availability(False, refusal.code, refusal.sentence, is_refused=True)
    if standing is None and hold is None:
        return Availability(True, Code.AVAILABLE, AVAILABLE)
    reserved = hold is not None or (standing is not None and standing.kind == NameKind.ACCOUNT)
    return Availability(False, Code.TAKEN, TAKEN, is_reserved_by_other=reserved)


def explain(name: str) -> Explanation:
    """How ``name`` stands, for the operator. Raises ``ServiceAway`` when Redis is away."""
    refusal = refusal_of(name)
    if isinstance(refusal, rules.SHAPE_REFUSALS):
        return Explanation(name, None, refusal.code, refusal.sentence)
    key, hold = canonical_key(name), holds.holder(name)
    with database.reading(), db.engine.connect() as connection:
        row = connection.execute(
            select(Name.user_id, Name.kind, Name.state, Name.display, Name.claimed_at, Name.rests_until).where(
                Name.key == key
            )
        ).one_or_none()
    sentence = refusal.sentence if refusal else None
    if row is None or (row.state == NameState.RESTING and row.rests_until <= clock.now()):
        code = "held" if hold else refusal.code if refusal else "free"
        return Explanation(name, key, code, sentence, hold=hold)
    return Explanation(
        name,
        key,
        "in_use" if row.state == NameState.ACTIVE else row.state,
        sentence,
        looks_like=row.display if row.display.lower() != name.lower() else None,
        owner_id=row.user_id,
        kind=row.kind,
        claimed_at=row.claimed_at,
        rests_until=row.rests_until,
        hold=hold,
    )


def refusal_of(name: str) -> DomainError | None:
    """The rule that forbids ``name`` to everybody, the operator's word lists included; None if none does."""
    return rules.refusal(name, packs.current().extra)


def _own(
    standing: Standing | None, hold: Hold | None, user_id: int | None, rollers: Collection[str]
) -> Availability | None:
    if standing is not None:
        if user_id is None or standing.user_id != user_id or standing.state != NameState.ACTIVE:
            return None
        is_account = standing.kind == NameKind.ACCOUNT
        return Availability(True, Code.YOURS, AVAILABLE, is_own_account_name=is_account)
    if hold is not None and hold.roller in rollers:
        return Availability(True, Code.HELD_BY_YOU, AVAILABLE)
    return None
