"""How full the namespace is: its capacity, and the names in use, resting, retired and held."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import structlog
from redis.exceptions import RedisError
from sqlalchemy import func, select

from chatpop.core import clock, database, redis_keys
from chatpop.extensions import db, redis_store
from chatpop.names import crowding, packs
from chatpop.names.capacity import capacity
from chatpop.names.models import Name, NameState

ALERT_SHARE = 0.8
RATE_DAYS = 30
PLOT_DAYS = 90
_KEPT_SECONDS = 2 * 86_400

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Usage:
    """Counts of names. ``years_left`` at the rate of the last 30 days; None while nothing was claimed.

    ``capacity`` is that of the most digits the site may come to, ``digits`` the present number. ``by_day`` are
    the days (ISO) of the last 90 on which names were claimed, each with their number, rising.
    """

    measured_at: str
    capacity: int
    digits: int
    active: int
    resting: int
    retired: int
    held: int
    years_left: float | None
    by_day: list[tuple[str, int]]

    @property
    def used(self) -> int:
        return self.active + self.resting + self.retired

    @property
    def share(self) -> float:
        """The part of the capacity that is in use, 0 to 1 and above."""
        return self.used / self.capacity if self.capacity else 1.0

    @property
    def is_crowded(self) -> bool:
        return self.share >= ALERT_SHARE


def measure() -> Usage:
    """Count now. Held names count as 0, and the digits as the least, while Redis is away."""
    now = clock.now()
    with database.reading(), db.engine.connect() as connection:
        rows = connection.execute(select(Name.state, func.count().label("number")).group_by(Name.state))
        counts = {row.state: row.number for row in rows}
        day = func.date(Name.claimed_at)
        days = connection.execute(
            select(day, func.count())
            .where(Name.claimed_at > now - timedelta(days=PLOT_DAYS))
            .group_by(day)
            .order_by(day)
        )
        by_day = [(str(found), int(number)) for found, number in days]
    size = capacity(crowding.MAX_DIGITS, packs.words())
    held, digits = _in_redis()
    return Usage(
        measured_at=now.isoformat(timespec="seconds"),
        capacity=size,
        digits=digits,
        active=counts.get(NameState.ACTIVE, 0),
        resting=counts.get(NameState.RESTING, 0),
        retired=counts.get(NameState.RETIRED, 0),
        held=held,
        years_left=_years_left(max(0, size - sum(counts.values())), by_day, now),
        by_day=by_day,
    )


def check() -> Usage:
    """Measure, keep the figures for :func:`latest`, and alert in the log when four fifths are used."""
    usage = measure()
    try:
        redis_store.client.set(redis_keys.names_usage(), json.dumps(asdict(usage)), ex=_KEPT_SECONDS)
    except RedisError:
        log.info("usage_not_kept")
    if usage.is_crowded:
        figures = {name: value for name, value in asdict(usage).items() if name != "by_day"}
        log.warning("namespace_crowded", share=round(usage.share, 3), **figures)
    return usage


def latest() -> Usage:
    """What the hourly job has measured, else a fresh measurement: counting a million names takes a second."""
    try:
        kept = cast("str | None", redis_store.client.get(redis_keys.names_usage()))
    except RedisError:
        kept = None
    if kept is None:
        return measure()
    figures: dict[str, Any] = json.loads(kept)
    figures["by_day"] = [(day, number) for day, number in figures["by_day"]]
    return Usage(**figures)


def _years_left(free: int, by_day: list[tuple[str, int]], now: datetime) -> float | None:
    since = (now - timedelta(days=RATE_DAYS)).date().isoformat()
    recent = sum(number for day, number in by_day if day > since)
    return round(free / recent * RATE_DAYS / 365.25, 1) if recent else None


def _in_redis() -> tuple[int, int]:
    """How many names are held, and the site's number of digits."""
    try:
        held = sum(1 for _ in redis_store.client.scan_iter(redis_keys.held("*"), count=1000))
        stored = cast("str | None", redis_store.client.get(redis_keys.digits()))
    except RedisError:
        return 0, crowding.MIN_DIGITS
    return held, int(stored) if stored else crowding.MIN_DIGITS


def curve(usage: Usage) -> list[tuple[str, int]]:
    """Names in use at the end of each of the last 90 days (ISO day, number), the last one being now.

    Rows of names are never deleted, so what was in use earlier is what is now, less what was claimed since.
    """
    today = datetime.fromisoformat(usage.measured_at).date()
    claimed, left = dict(usage.by_day), usage.used
    found = []
    for ago in range(PLOT_DAYS):
        day = (today - timedelta(days=ago)).isoformat()
        found.append((day, left))
        left -= claimed.get(day, 0)
    return found[::-1]
