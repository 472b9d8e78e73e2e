"""The one door to the table of names: is a name free, and the one claim function.

The unique index on the key is the only judge of a race. Looking first is a courtesy to the user;
nothing relies on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Exists, bindparam, exists, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from chatpop.core import clock, database
from chatpop.core.database import Moment
from chatpop.core.errors import DomainError
from chatpop.extensions import db
from chatpop.names import holds
from chatpop.names.key import canonical_key
from chatpop.names.models import Name, NameKind, NameState


class NameTaken(DomainError):
    """In use, held by somebody else, resting, retired or too like one of those: one answer for all."""

    status, code, sentence = 409, "taken", "Username no longer available"


@dataclass(frozen=True, slots=True)
class Standing:
    """The row that a name meets: whose it is and in which state; no row means None."""

    user_id: int | None
    kind: str
    state: str
    display: str


# Built once: a roll spends more on building a statement than on asking it.
_TAKEN = select(Name.key).where(
    Name.key.in_(bindparam("keys", expanding=True)),
    (Name.state != NameState.RESTING) | (Name.rests_until > bindparam("now", type_=Moment())),
)
_IS_TAKEN = exists().where(
    Name.key == bindparam("key"),
    (Name.state != NameState.RESTING) | (Name.rests_until > bindparam("now", type_=Moment())),
)
_STANDING = select(Name.user_id, Name.kind, Name.state, Name.display, Name.rests_until).where(
    Name.key == bindparam("key")
)


def taken_keys(keys: Iterable[str]) -> set[str]:
    """Those of ``keys`` that are claimed, resting or retired; one indexed query, no session."""
    with database.looking(db.engine) as connection:
        return set(connection.execute(_TAKEN, {"keys": list(keys), "now": clock.now()}).scalars())


def is_taken() -> Exists:
    """The condition that the parameter ``key`` is claimed, resting or retired at ``now``, for use in a larger query."""
    return _IS_TAKEN


def standing(name: str) -> Standing | None:
    """How ``name`` stands in the table (holds are not looked at); rested names are free."""
    with database.looking(db.engine) as connection:
        row = connection.execute(_STANDING, {"key": canonical_key(name)}).one_or_none()
    if row is None or (row.state == NameState.RESTING and row.rests_until <= clock.now()):
        return None
    return Standing(row.user_id, row.kind, row.state, row.display)


def check_foreign_hold(name: str, rollers: Iterable[str]) -> None:
    """Raise :class:`NameTaken` when somebody other than ``rollers`` holds ``name``."""
    hold = holds.holder(name)
    if hold is not None and hold.roller not in set(rollers):
        raise NameTaken


def claim(session: Session, name: str, *, user_id: int, kind: NameKind, rollers: Iterable[str]) -> None:
    """Take ``name`` for good inside the caller's transaction; one insert under the unique key.

    Used by joining, opening a room, registration, upgrade and rename alike. Honours other people's
    holds; a name that is already this user's passes. Raises :class:`NameTaken`, ``ServiceAway``.
    """
    check_foreign_hold(name, rollers)
    now = clock.now()
    insert = (postgresql if session.get_bind().dialect.name == "postgresql" else sqlite).insert(Name)
    values = {
        "display": name,
        "user_id": user_id,
        "kind": kind,
        "state": NameState.ACTIVE,
        "claimed_at": now,
        "rests_until": None,
    }
    statement = insert.values(key=canonical_key(name), **values).on_conflict_do_update(
        index_elements=[Name.key],
        set_=values,
        where=(Name.state == NameState.RESTING) & (Name.rests_until <= now),
    )
    if session.execute(statement.returning(Name.id)).first() is None:
        owner = session.execute(select(Name.user_id, Name.state).where(Name.key == canonical_key(name))).one()
        if owner.user_id != user_id or owner.state != NameState.ACTIVE:
            raise NameTaken


def names_of(session: Session, user_id: int) -> list[Name]:
    """Every name that is ``user_id``'s, oldest first."""
    return list(session.scalars(select(Name).where(Name.user_id == user_id).order_by(Name.claimed_at)))
