"""The queue runs the jobs of its table and nothing else; periodic jobs stand once."""

from __future__ import annotations

import json
import os
import pickle
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from redis import Redis
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from chatpop import schedule
from chatpop.core import clock, queue
from chatpop.schedule import PERIODIC, make_scheduler, reconcile
from tests.support.valkey import RunningValkey


@pytest.fixture
def connection(app: Flask, valkey: RunningValkey, redis: Redis) -> Iterator[Redis]:
    client = queue.connect(valkey.url)
    yield client
    client.close()


def work(connection: Redis) -> None:
    worker = SimpleWorker(
        [queue.open_queue(connection)], connection=connection, job_class=queue.TableJob, serializer=JSONSerializer
    )
    worker.work(burst=True, logging_level="CRITICAL")


def test_a_job_of_the_table_runs_inside_the_application(app: Flask, connection: Redis) -> None:
    seen: list[str] = []
    queue.fill(app, {"note": lambda word: seen.append(word)})
    queue.open_queue(connection).enqueue("note", "hello")
    work(connection)
    assert seen == ["hello"]


@pytest.mark.parametrize("name", ["os.system", "chatpop.names.jobs.measure_usage", "builtins.exec"])
def test_a_payload_can_not_name_any_other_function(app: Flask, connection: Redis, name: str) -> None:
    job = queue.open_queue(connection).enqueue(name, "echo pwned > /tmp/chatpop-pwned")
    work(connection)
    job.refresh()  # type: ignore[no-untyped-call]
    assert job.is_failed
    assert "There is no job called" in str(job.latest_result().exc_string)  # type: ignore[union-attr]


class Bomb:
    """Makes a folder when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return (os.mkdir, (str(self.path),))


def test_a_pickle_in_the_queue_is_never_loaded(app: Flask, connection: Redis, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    job = queue.open_queue(connection).enqueue("measure-namespace")
    connection.hset(job.key, "data", zlib.compress(pickle.dumps(("measure-namespace", None, (Bomb(trace),), {}))))  # type: ignore[arg-type]
    work(connection)
    assert not trace.exists()
    assert queue.TableJob.fetch(job.id, connection=connection).is_failed


def test_a_callback_is_refused(app: Flask, connection: Redis) -> None:
    job = queue.open_queue(connection).enqueue("measure-namespace")
    connection.hset(job.key, "success_callback_name", "os.getcwd")
    work(connection)
    assert queue.TableJob.fetch(job.id, connection=connection).is_failed


def test_payloads_are_json(app: Flask, connection: Redis) -> None:
    job = queue.open_queue(connection).enqueue("note", 7)
    assert json.loads(zlib.decompress(connection.hget(job.key, "data")))[0] == "note"  # type: ignore[arg-type]


def test_two_schedulers_leave_one_entry_each_and_drop_what_left_the_table(app: Flask, connection: Redis) -> None:
    first, second = make_scheduler(connection), make_scheduler(connection)
    first.schedule(clock.now().replace(tzinfo=None), "gone", interval=60, id="gone")
    for scheduler in (first, second, first):
        reconcile(scheduler)
    assert sorted(job.id for job in first.get_jobs()) == sorted(entry.id for entry in PERIODIC)


def test_after_an_outage_a_periodic_job_works_once(app: Flask, connection: Redis) -> None:
    runs: list[int] = []
    entry = schedule.Periodic("count", lambda: runs.append(1), PERIODIC[0].every)
    queue.fill(app, {"count": schedule._once_a_period(entry)})
    for _ in range(9):
        queue.open_queue(connection).enqueue("count")
    work(connection)
    assert runs == [1]


def test_a_periodic_job_that_fails_may_run_again(app: Flask, connection: Redis) -> None:
    runs: list[int] = []

    def flaky() -> None:
        runs.append(1)
        if len(runs) == 1:
            raise RuntimeError("the first time fails")

    queue.fill(app, {"flaky": schedule._once_a_period(schedule.Periodic("flaky", flaky, PERIODIC[0].every))})
    for _ in range(3):
        queue.open_queue(connection).enqueue("flaky")
    work(connection)
    assert len(runs) == 2


def test_every_periodic_job_runs(app: Flask, connection: Redis) -> None:
    schedule.init_app(app)
    for entry in PERIODIC:
        queue.open_queue(connection).enqueue(entry.id)
    work(connection)
    assert queue.open_queue(connection).failed_job_registry.count == 0
