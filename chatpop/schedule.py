"""The one table of periodic jobs, reconciled with rq-scheduler at start; and the scheduler process.

rq-scheduler puts the same small job into the queue each period. All that it does is to send the work itself, once a
period and never beside a work that is still waiting or under way; that one is tried again when its worker dies.
"""

from __future__ import annotations

import random
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from flask import Flask
from redis import Redis
from rq import Retry
from rq.job import JobStatus
from rq_scheduler import Scheduler

from chatpop.accounts.jobs import delete_old_login_failures
from chatpop.core import clock, queue, redis_keys
from chatpop.extensions import redis_store
from chatpop.identity.jobs import delete_expired_tokens
from chatpop.lifecycle import deletion, export, sweep
from chatpop.lifecycle import jobs as lifecycle
from chatpop.names.jobs import measure_usage
from chatpop.push import delivering, subscriptions
from chatpop.rooms import jobs as rooms
from chatpop.rooms import notifying
from chatpop.settings import registry
from chatpop.uploads import jobs as uploads
from chatpop.uploads import receiving

POLL_SECONDS = 5
FIRST_AFTER = timedelta(minutes=1)
APART = timedelta(seconds=15)
"""A new site has other things to do in its first minute than thirty jobs, and they need not come all at once."""
TIMEOUT = 3600
"""Seconds a work may take."""
TRIES_AGAIN = 3
"""At once: a job whose worker was killed must be done within two minutes, and RQ needs over one to notice."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Periodic:
    """A job and its period. The id is stable: two schedulers leave one entry each.

    ``jitter`` spreads the work over so much time; ``switch`` names a setting that turns it off.
    """

    id: str
    job: Callable[[], Any]
    every: timedelta
    jitter: timedelta = timedelta(0)
    switch: registry.Setting[bool] | None = None

    @property
    def work(self) -> str:
        """The name and the id of the job that does it."""
        return f"{self.id}-work"


PERIODIC = [
    Periodic("delete-expired-tokens", delete_expired_tokens, timedelta(hours=1)),
    Periodic("delete-old-login-failures", delete_old_login_failures, timedelta(hours=1)),
    Periodic("end-dead-subscriptions", subscriptions.drop_all_dead, timedelta(hours=1)),
    Periodic("measure-namespace", measure_usage, timedelta(hours=1)),
    Periodic("forget-merges", lifecycle.forget_merges, timedelta(hours=1)),
    Periodic("tend-exports", lifecycle.tend_exports, timedelta(minutes=10)),
    Periodic("finish-deletions", lifecycle.finish_deletions, timedelta(minutes=10)),
    Periodic("remove-files", uploads.remove_files, timedelta(minutes=5)),
    Periodic("remove-drafts", uploads.remove_drafts, timedelta(minutes=10)),
    Periodic("remove-orphans", uploads.remove_orphans, timedelta(days=1)),
    Periodic("make-lost-thumbnails", uploads.make_lost_thumbnails, timedelta(minutes=10)),
    Periodic("sweep", lifecycle.run_sweep, timedelta(hours=1), timedelta(minutes=5), registry.SWEEP_ENABLED),
    Periodic("end-sleeps", lifecycle.end_sleeps, timedelta(hours=1)),
    Periodic("drop-evidence", lifecycle.drop_evidence, timedelta(hours=1)),
    Periodic("delete-forgotten", lifecycle.delete_forgotten, timedelta(hours=1)),
    Periodic("delete-empty-rooms", lifecycle.delete_empty_rooms, timedelta(days=1)),
    Periodic("keep-daily-figures", lifecycle.keep_daily_figures, timedelta(hours=1)),
]
ON_DEMAND: dict[str, Callable[..., Any]] = {
    export.JOB: lifecycle.write_export,
    deletion.JOB: lifecycle.finish_deletion,
    receiving.THUMBNAIL_JOB: rooms.make_thumbnail,
    notifying.JOB: rooms.tell_of_message,
    delivering.JOB: rooms.push_message,
    sweep.JOB: lifecycle.run_asked_sweep,
}
"""Jobs that a verb sends to the queue, for one row each."""


def init_app(app: Flask) -> None:
    """Fill the queue's table of jobs."""
    queue.fill(app, table(PERIODIC) | ON_DEMAND)


def table(entries: list[Periodic]) -> dict[str, Callable[..., Any]]:
    """Two jobs each: the one that the scheduler sends every period, and the work."""
    return {name: job for entry in entries for name, job in ((entry.id, _sender(entry)), (entry.work, entry.job))}


def reconcile(scheduler: Scheduler) -> None:
    """Make the scheduler's entries be the table: new ones added, changed ones renewed, others cancelled."""
    wanted = {entry.id: entry for entry in PERIODIC}
    for job in list(scheduler.get_jobs()):
        entry = wanted.get(job.id)
        if entry is not None and job.meta.get("interval") == int(entry.every.total_seconds()):
            del wanted[job.id]
        else:
            scheduler.cancel(job)
    for place, entry in enumerate(wanted.values()):
        scheduler.schedule(
            (clock.now() + FIRST_AFTER + place * APART).replace(tzinfo=None),
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


def _sender(entry: Periodic) -> Callable[[], str | None]:
    """The small job of an entry; returns the id of the work it has sent."""

    def send() -> str | None:
        if entry.switch is not None and not entry.switch.get():
            return None
        seconds = max(1, int(entry.every.total_seconds() * 0.9))
        # After an outage the queue holds one entry for each missed period; only the first one sends.
        if not redis_store.client.set(redis_keys.periodic(entry.id), "1", nx=True, ex=seconds):
            return None
        connection = queue.connect(redis_store.url)
        try:
            return _send(entry, connection)
        except BaseException:
            redis_store.client.delete(redis_keys.periodic(entry.id))
            raise
        finally:
            connection.close()

    return send


_UNDER_WAY = {JobStatus.QUEUED, JobStatus.SCHEDULED, JobStatus.STARTED}


def _send(entry: Periodic, connection: Redis) -> str | None:
    """Two workers never do one entry's work at once: it has one id, and is not sent again before it has ended."""
    waiting = queue.open_queue(connection)
    before = waiting.fetch_job(entry.work)
    if before is not None and before.get_status() in _UNDER_WAY:
        return None
    waiting.failed_job_registry.remove(entry.work)  # it is tried anew
    options: dict[str, Any] = {"job_id": entry.work, "job_timeout": TIMEOUT, "retry": Retry(max=TRIES_AGAIN)}
    if entry.jitter:
        delay = timedelta(seconds=random.uniform(0, entry.jitter.total_seconds()))  # noqa: S311  to spread load
        return waiting.enqueue_in(delay, entry.work, **options).id
    return waiting.enqueue(entry.work, **options).id


if __name__ == "__main__":
    from chatpop import schedule  # the application loads it under this name; there must be one table

    schedule.run()
