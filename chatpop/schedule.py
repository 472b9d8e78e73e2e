"""The one table of periodic jobs, reconciled with rq-scheduler at start; and the scheduler process."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any

import structlog
from flask import Flask
from redis import Redis
from rq_scheduler import Scheduler

from chatpop.accounts.jobs import delete_old_login_failures
from chatpop.core import clock, queue, redis_keys
from chatpop.extensions import redis_store
from chatpop.identity.jobs import delete_expired_tokens
from chatpop.lifecycle import deletion, export
from chatpop.lifecycle import jobs as lifecycle
from chatpop.names.jobs import measure_usage

POLL_SECONDS = 5

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Periodic:
    """A job and its period. The id is stable: two schedulers leave one entry each."""

    id: str
    job: Callable[[], Any]
    every: timedelta


PERIODIC = [
    Periodic("delete-expired-tokens", delete_expired_tokens, timedelta(hours=1)),
    Periodic("delete-old-login-failures", delete_old_login_failures, timedelta(hours=1)),
    Periodic("measure-namespace", measure_usage, timedelta(hours=1)),
    Periodic("forget-merges", lifecycle.forget_merges, timedelta(hours=1)),
    Periodic("tend-exports", lifecycle.tend_exports, timedelta(minutes=10)),
    Periodic("finish-deletions", lifecycle.finish_deletions, timedelta(minutes=10)),
]
ON_DEMAND: dict[str, Callable[..., Any]] = {
    export.JOB: lifecycle.write_export,
    deletion.JOB: lifecycle.finish_deletion,
}
"""Jobs that a verb sends to the queue, for one row each."""


def init_app(app: Flask) -> None:
    """Fill the queue's table of jobs."""
    queue.fill(app, {entry.id: _once_a_period(entry) for entry in PERIODIC} | ON_DEMAND)


def reconcile(scheduler: Scheduler) -> None:
    """Make the scheduler's entries be the table: new ones added, changed ones renewed, others cancelled."""
    wanted = {entry.id: entry for entry in PERIODIC}
    for job in list(scheduler.get_jobs()):
        entry = wanted.get(job.id)
        if entry is not None and job.meta.get("interval") == int(entry.every.total_seconds()):
            del wanted[job.id]
        else:
            scheduler.cancel(job)
    for entry in wanted.values():
        scheduler.schedule(
            clock.now().replace(tzinfo=None),
            entry.id,
            interval=int(entry.every.total_seconds()),
            id=entry.id,
            queue_name=queue.QUEUE_NAME,
            result_ttl=86_400,
        )


def make_scheduler(connection: Redis) -> Scheduler:
    return Scheduler(queue.QUEUE_NAME, connection=connection, interval=POLL_SECONDS, job_class=queue.TableJob)


def run() -> None:
    """The scheduler process; ends on SIGTERM and SIGINT."""
    from chatpop.app import create_app

    app = create_app()
    connection = queue.connect(app.config["REDIS_URL"])
    scheduler = make_scheduler(connection)
    reconcile(scheduler)
    log.info("scheduler_started", jobs=[entry.id for entry in PERIODIC])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    scheduler.run()


def _once_a_period(entry: Periodic) -> Callable[[], Any]:
    """After an outage the queue holds one entry for each missed period; only the first one works."""

    @wraps(entry.job)
    def guarded() -> Any:
        seconds = max(1, int(entry.every.total_seconds() * 0.9))
        if not redis_store.client.set(redis_keys.periodic(entry.id), "1", nx=True, ex=seconds):
            return None
        try:
            return entry.job()
        except BaseException:
            redis_store.client.delete(redis_keys.periodic(entry.id))
            raise

    return guarded


if __name__ == "__main__":
    from chatpop import schedule  # the application loads it under this name; there must be one table

    schedule.run()
