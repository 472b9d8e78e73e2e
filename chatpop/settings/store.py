"""Stored values, read again at most a second after they may have changed."""

from __future__ import annotations

import time
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from chatpop.core import database
from chatpop.extensions import db
from chatpop.settings.models import StoredSetting

MAX_AGE_SECONDS = 1.0

_values: dict[str, str] = {}
_read_at = float("-inf")


def current() -> Mapping[str, str]:
    """Stored values by name, as JSON, at most ``MAX_AGE_SECONDS`` old.

    While the database is away the last known values hold.
    """
    global _values, _read_at
    if time.monotonic() - _read_at > MAX_AGE_SECONDS:
        _read_at = time.monotonic()
        try:
            _values = _read()
        except SQLAlchemyError:
            return _values
    return _values


def forget() -> None:
    """Read again at the next use (after a change in this process)."""
    global _read_at
    _read_at = float("-inf")


def _read() -> dict[str, str]:
    """On a connection of its own, so that a reader's transaction is not begun for it."""
    with database.reading(), db.engine.connect() as connection:
        rows = connection.execute(select(StoredSetting.name, StoredSetting.value)).all()
    return {row.name: row.value for row in rows}
