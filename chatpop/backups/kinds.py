"""Values of the database as JSON, alike for SQLite and PostgreSQL.

The declared types are those found in the database itself, not the models': an archive may hold
an older form of the tables than the program knows.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Date, DateTime, Text, cast, column, type_coerce
from sqlalchemy.types import JSON, Boolean, Float, Integer, LargeBinary, String, TypeEngine


def _same(value: Any) -> Any:
    return value


def _integer(value: int) -> int:
    if not -(2**63) <= value < 2**63:
        raise ValueError("a number has 64 bits")
    return value


def _moment_text(value: datetime) -> str:
    """SQLite keeps no zone: what has none is UTC."""
    aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return aware.isoformat()


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


@dataclass(frozen=True)
class Kind:
    """``plain`` is the type of a bound value; ``write`` makes JSON of a value and ``read`` undoes that."""

    plain: type[TypeEngine[Any]]
    write: Callable[[Any], Any] = _same
    read: Callable[[Any], Any] = _same
    accepts: tuple[type, ...] = (str,)
    """What ``read`` may find in an archive."""


_KINDS: tuple[tuple[type[TypeEngine[Any]], Kind], ...] = (
    (Boolean, Kind(Boolean, bool, accepts=(bool,))),
    (Integer, Kind(Integer, read=_integer, accepts=(int,))),
    (Float, Kind(Float, accepts=(float, int))),
    (DateTime, Kind(DateTime, _moment_text, datetime.fromisoformat)),
    (Date, Kind(Date, date.isoformat, date.fromisoformat)),
    (LargeBinary, Kind(LargeBinary, _base64, lambda text: base64.b64decode(text, validate=True))),
    (JSON, Kind(Text)),
    (String, Kind(Text)),
)
"""A document stays the text it is, so that an empty one and none at all stay apart."""


@dataclass(frozen=True)
class Column:
    """A column as the database declares it."""

    name: str
    type: TypeEngine[Any]

    @property
    def kind(self) -> Kind:
        """Raises TypeError for a type that no table of ours has."""
        for type_, kind in _KINDS:
            if isinstance(self.type, type_):
                return kind
        raise TypeError(f"{self.name} has a type that a backup can't hold: {self.type!r}")

    def selected(self, dialect: str) -> ColumnElement[Any]:
        """What to select; a document as its text."""
        found = column(self.name, self.type)
        if not isinstance(self.type, JSON):
            return found
        return type_coerce(found, Text) if dialect == "sqlite" else cast(found, Text)

    def to_json(self, value: Any) -> Any:
        return None if value is None else self.kind.write(value)

    def from_json(self, value: Any) -> Any:
        """Raises ValueError for what is no value of this column."""
        if value is None:
            return None
        kind = self.kind
        if not isinstance(value, kind.accepts) or (isinstance(value, bool) and bool not in kind.accepts):
            raise ValueError(f"{self.name} can't be {value!r:.40}")
        return kind.read(value)
