"""Sending a job to the queue. It is quicker than the schedule, and nothing relies on it."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from redis import Redis
from redis.exceptions import RedisError
from rq import Retry

from chatpop.core import queue
from chatpop.extensions import redis_store

TIMEOUT = 3600
"""Seconds a job may take."""
TRIES_AGAIN = 3


def send(job: str, *row_ids: int, timeout: int = TIMEOUT, after: timedelta | None = None) -> None:
    """Let a worker do ``job`` for a row soon, or after a while. While Redis is away the periodic job does it later."""
    with suppress(RedisError):
        connection = Redis.from_url(redis_store.url, **redis_store.waiting())
        try:
            waiting, options = queue.open_queue(connection), {"job_timeout": timeout, "retry": Retry(max=TRIES_AGAIN)}
            if after is not None:
                waiting.enqueue_in(after, job, *row_ids, **options)
            else:
                waiting.enqueue(job, *row_ids, **options)
        finally:
            connection.close()
