"""How the site stands at present, for the admin's first page and for the metrics."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import cast

from redis.exceptions import RedisError
from sqlalchemy import func, select

from chatpop.core import clock, database, metrics, queue, redis_keys, tallies
from chatpop.extensions import db, redis_store
from chatpop.lifecycle.sweep_models import SweepRun
from chatpop.rooms.live.presence import STALE_SECONDS
from chatpop.uploads.models import Upload


@dataclass(frozen=True, slots=True)
class QueueState:
    """Jobs that wait, run, are planned for a moment, or have failed; and whether a worker lives."""

    waiting: int
    started: int
    scheduled: int
    failed: int
    has_worker: bool


@dataclass(frozen=True, slots=True)
class SweepState:
    """The last run that ended. ``ended_at`` is in seconds since 1970."""

    ended_at: float
    swept: int
    failed: int
    is_held_back: bool


def queue_state() -> QueueState | None:
    """None while Redis is away."""
    connection = queue.connect(redis_store.url)
    try:
        found = queue.open_queue(connection)
        return QueueState(
            waiting=found.count,
            started=found.started_job_registry.get_job_count(cleanup=False),
            scheduled=found.scheduled_job_registry.get_job_count(cleanup=False),
            failed=found.failed_job_registry.get_job_count(cleanup=False),
            has_worker=queue.worker_is_alive(connection),
        )
    except RedisError:
        return None
    finally:
        connection.close()


def last_sweep() -> SweepState | None:
    """None until the first run has ended."""
    with database.reading(), db.engine.connect() as connection:
        row = connection.execute(
            select(SweepRun.ended_at, SweepRun.swept, SweepRun.failed, SweepRun.is_held_back)
            .where(SweepRun.ended_at.is_not(None))
            .order_by(SweepRun.id.desc())
            .limit(1)
        ).one_or_none()
    return SweepState(row.ended_at.timestamp(), row.swept, row.failed, row.is_held_back) if row else None


def upload_bytes() -> int:
    """Bytes of all stored files, without their small versions."""
    with database.reading(), db.engine.connect() as connection:
        return int(connection.scalar(select(func.coalesce(func.sum(Upload.size), 0))) or 0)


def open_streams() -> int:
    """Live streams in all processes that gave a sign of life of late. Raises ``RedisError``."""
    client = redis_store.client
    seconds, _ = cast("tuple[int, int]", client.time())
    alive = cast("list[str]", client.zrangebyscore(redis_keys.live_processes(), seconds - STALE_SECONDS, "+inf"))
    if not alive:
        return 0
    pipe = client.pipeline(transaction=False)
    for key in client.scan_iter(redis_keys.network_streams("*"), count=5_000):
        pipe.hmget(key, alive)
    return sum(int(number) for numbers in pipe.execute() for number in numbers if number)


def busiest_network_guests() -> int:
    """The most guests that one network has made within an hour, in this hour or the last. Raises ``RedisError``."""
    now = clock.now().timestamp()
    pipe = redis_store.client.pipeline(transaction=False)
    for kind in metrics.GUEST_BUCKETS:
        for seconds in (0, 3600):
            hour = time.strftime("%Y-%m-%dT%H", time.gmtime(now - seconds))
            pipe.zrange(redis_keys.peaks(kind, hour), 0, 0, desc=True, withscores=True)
    return int(max((pairs[0][1] for pairs in pipe.execute() if pairs), default=0))


def counters() -> dict[str, int]:
    """What all processes have counted; this one's last second included. Raises ``RedisError``."""
    tallies.flush()
    return tallies.counters()
