"""How full the namespace is: its capacity, and the names in use, resting, retired and held."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta

import structlog
from redis.exceptions import RedisError
from sqlalchemy import func, select

from chatpop.core import clock, database, redis_keys
from chatpop.extensions import db, redis_store
from chatpop.names import rolling
from chatpop.names.dice import capacity
from chatpop.names.models import Name, NameState

ALERT_SHARE = 0.8
_RATE_DAYS = 30

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Usage:
    """Counts of names. ``years_left`` at the rate of the last 30 days; None while nothing was claimed."""

    capacity: int
    active: int
    resting: int
    retired: int
    held: int
    years_left: float | None

    @property
    def used(self) -> int:
        return self.active + self.resting + self.retired

    @property
    def share(self) -> float:
        """The part of the capacity that is in use, 0 to 1 and above."""
        return self.used / self.capacity

    @property
    def is_crowded(self) -> bool:
        return self.share >= ALERT_SHARE


def measure() -> Usage:
    """Count now. Held names count as 0 while Redis is away."""
    now = clock.now()
    with database.reading(), db.engine.connect() as connection:
        rows = connection.execute(select(Name.state, func.count().label("number")).group_by(Name.state))
        counts = {row.state: row.number for row in rows}
        recent = connection.execute(
            select(func.count()).where(Name.claimed_at > now - timedelta(days=_RATE_DAYS))
        ).scalar_one()
    size = capacity(rolling.MAX_DIGITS)
    free = max(0, size - sum(counts.values()))
    return Usage(
        capacity=size,
        active=counts.get(NameState.ACTIVE, 0),
        resting=counts.get(NameState.RESTING, 0),
        retired=counts.get(NameState.RETIRED, 0),
        held=_held(),
        years_left=round(free / recent * _RATE_DAYS / 365.25, 1) if recent else None,
    )


def check() -> Usage:
    """Measure, and alert in the log when four fifths are used."""
    usage = measure()
    if usage.is_crowded:
        log.warning("namespace_crowded", share=round(usage.share, 3), **asdict(usage))
    return usage


def _held() -> int:
    try:
        return sum(1 for _ in redis_store.client.scan_iter(redis_keys.held("*"), count=1000))
    except RedisError:
        return 0
