"""The job queue: RQ with JSON payloads and a fixed table of job functions.

A payload names a job of the table, never a callable: who can write to Redis can ask for our jobs,
but can't make a worker import or run anything else (SECURITY, row 63).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flask import Flask
from redis import Redis
from redis.client import Pipeline
from rq import Queue, Worker
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker_registration import REDIS_WORKER_KEYS, register

from chatpop.core import clock

QUEUE_NAME = "chatpop"
WORKER_TTL = 30
MONITORING_INTERVAL = 5
MAINTENANCE_INTERVAL = 10
"""Seconds; with RQ's own figures a killed worker's job is not found again within three minutes."""
HEARTBEAT_SECONDS = 60
LONGEST_WAIT_FOR_REDIS = 5.0
"""Seconds between two attempts of a worker; RQ's own minute would be missing after Redis is back."""

_table: dict[str, Callable[..., Any]] = {}
_app: list[Flask] = []


class UnknownJob(Exception):
    """A payload names something that is not in the table, or asks for a callback."""


class TableJob(Job):
    """A job whose name is looked up in the table."""

    def __init__(self, id: str | None = None, connection: Redis | None = None, serializer: Any = None) -> None:
        super().__init__(id, connection, serializer=JSONSerializer)

    @property
    def func(self) -> Callable[..., Any]:
        name = self.func_name
        if name not in _table or self._success_callback_name or self._failure_callback_name or self.instance:
            raise UnknownJob(f"There is no job called {name!r}.")
        return partial(_run, _table[name])

    @property
    def success_callback(self) -> None:
        """Callbacks are refused by :attr:`func`; RQ must not call one back about that very refusal either."""
        return None

    failure_callback = stopped_callback = success_callback


class SiteWorker(Worker):
    """RQ's worker, which puts itself on the list again after Redis has come back without all of its data."""

    max_connection_wait_time = LONGEST_WAIT_FOR_REDIS

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        if pipeline is None and not self.connection.sismember(REDIS_WORKER_KEYS, self.key):
            self.connection.hset(self.key, mapping=self.serialize())
            register(self)
        super().heartbeat(timeout, pipeline)


def fill(app: Flask, jobs: Mapping[str, Callable[..., Any]]) -> None:
    """Set the table of jobs; each runs inside an application context of ``app``."""
    _app[:] = [app]
    _table.clear()
    _table.update(jobs)


def names() -> list[str]:
    """The names of all jobs."""
    return sorted(_table)


def connect(url: str, patience: float | None = None) -> Redis:
    """A connection for the queue, which keeps bytes as they are.

    It blocks for long, as workers must; or with ``patience``, for so many seconds at most.
    """
    return Redis.from_url(url, socket_timeout=patience, socket_connect_timeout=patience)


def open_queue(connection: Redis) -> Queue:
    return Queue(QUEUE_NAME, connection=connection, job_class=TableJob, serializer=JSONSerializer)


def make_worker(connection: Redis) -> Worker:
    """A worker for the one queue; run it with ``work(with_scheduler=True)``."""
    return SiteWorker(
        [open_queue(connection)],
        connection=connection,
        job_class=TableJob,
        serializer=JSONSerializer,
        worker_ttl=WORKER_TTL,
        job_monitoring_interval=MONITORING_INTERVAL,
        maintenance_interval=MAINTENANCE_INTERVAL,
    )


def worker_is_alive(connection: Redis) -> bool:
    """Whether any worker was heard of in the last minute."""
    now = clock.now()
    for worker in Worker.all(connection=connection, job_class=TableJob, serializer=JSONSerializer):
        heard = worker.last_heartbeat
        if heard is not None and (now - heard).total_seconds() < HEARTBEAT_SECONDS:
            return True
    return False


def _run(job: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    from chatpop.extensions import db

    app = _app[0]
    with app.app_context():
        db.engine.dispose(close=False)  # this is a fork: the parent's connections are not ours
        return job(*args, **kwargs)
