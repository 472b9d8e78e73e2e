"""The only door to the time of day."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The current moment, aware, in UTC."""
    return datetime.now(UTC)


def timestamp() -> float:
    """The current moment as seconds since 1970, from the same clock as :func:`now`."""
    return now().timestamp()
