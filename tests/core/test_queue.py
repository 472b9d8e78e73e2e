"""The queue runs the jobs of its table and nothing else; periodic jobs stand once."""

from __future__ import annotations

import json
import os
import pickle
import zlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from redis import Redis
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from chatpop import schedule
from chatpop.core import clock, queue, redis_keys
from chatpop.schedule import PERIODIC, make_scheduler, reconcile
from chatpop.settings import changing
from tests.support.valkey import RunningValkey

HOUR = timedelta(hours=1)


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


@pytest.mark.parametrize("lost", ["all", "list"])
def test_a_worker_that_redis_has_forgotten_is_on_the_list_again_at_its_next_heartbeat(
    app: Flask, connection: Redis, lost: str
) -> None:
    worker = queue.make_worker(connection)
    worker.register_birth()  # type: ignore[no-untyped-call]
    if lost == "all":
        connection.flushall()
    else:
        connection.delete("rq:workers")
    assert not queue.worker_is_alive(connection)
    worker.heartbeat()
    assert queue.worker_is_alive(connection)


def test_payloads_are_json(app: Flask, connection: Redis) -> None:
    job = queue.open_queue(connection).enqueue("note", 7)
    assert json.loads(zlib.decompress(connection.hget(job.key, "data")))[0] == "note"  # type: ignore[arg-type]


def test_two_schedulers_leave_one_entry_each_and_drop_what_left_the_table(app: Flask, connection: Redis) -> None:
    first, second = make_scheduler(connection), make_scheduler(connection)
    first.schedule(clock.now().replace(tzinfo=None), "gone", interval=60, id="gone")
    for scheduler in (first, second, first):
        reconcile(scheduler)
    assert sorted(job.id for job in first.get_jobs()) == sorted(entry.id for entry in PERIODIC)


def fill(app: Flask, *entries: schedule.Periodic) -> None:
    queue.fill(app, schedule.table(list(entries)))


def test_after_an_outage_a_periodic_job_works_once(app: Flask, connection: Redis) -> None:
    runs: list[int] = []
    fill(app, schedule.Periodic("count", lambda: runs.append(1), HOUR))
    for _ in range(9):
        queue.open_queue(connection).enqueue("count")
    work(connection)
    assert runs == [1]


def test_a_periodic_job_that_fails_is_tried_again_and_then_shown_as_failed(app: Flask, connection: Redis) -> None:
    runs: list[int] = []

    def flaky() -> None:
        runs.append(1)
        if len(runs) < 7:
            raise RuntimeError("six times")

    fill(app, schedule.Periodic("flaky", flaky, HOUR))
    queue.open_queue(connection).enqueue("flaky")
    work(connection)
    assert len(runs) == 4
    assert queue.open_queue(connection).failed_job_registry.get_job_ids() == ["flaky-work"]
    connection.delete(redis_keys.periodic("flaky"))  # an hour later
    queue.open_queue(connection).enqueue("flaky")
    work(connection)
    assert len(runs) == 7
    assert queue.open_queue(connection).failed_job_registry.get_job_ids() == []


def test_work_that_is_waiting_or_under_way_is_not_sent_again(app: Flask, connection: Redis) -> None:
    """So two workers never do one entry's work side by side, however long it takes."""
    runs: list[int] = []

    def slow() -> None:
        runs.append(1)
        connection.delete(redis_keys.periodic("slow"))  # the next period has begun
        assert queue._table["slow"]() is None

    fill(app, schedule.Periodic("slow", slow, HOUR))
    waiting = queue.open_queue(connection)
    with app.app_context():
        assert queue._table["slow"]() == "slow-work"
        connection.delete(redis_keys.periodic("slow"))
        assert queue._table["slow"]() is None
    assert waiting.job_ids == ["slow-work"]
    work(connection)
    assert runs == [1]
    assert waiting.failed_job_registry.count == 0


def test_jitter_puts_the_work_off_by_a_random_while(app: Flask, connection: Redis) -> None:
    waits = []
    for number in range(8):
        fill(app, schedule.Periodic(f"late{number}", lambda: None, HOUR, jitter=timedelta(minutes=5)))
        began = clock.now()
        with app.app_context():
            queue._table[f"late{number}"]()
        registry = queue.open_queue(connection).scheduled_job_registry
        waits.append((registry.get_scheduled_time(f"late{number}-work") - began).total_seconds())
    assert all(-1 <= wait <= 300 for wait in waits)
    assert len(set(waits)) > 1


def test_the_sweeps_switch_stops_its_schedule_alone(app: Flask, connection: Redis) -> None:
    schedule.init_app(app)
    with app.app_context():
        changing.change("SWEEP_ENABLED", "false")
        assert queue._table["sweep"]() is None
        changing.change("SWEEP_ENABLED", "true")
        assert queue._table["sweep"]() == "sweep-work"
    (entry,) = [entry for entry in PERIODIC if entry.id == "sweep"]
    assert (entry.every, entry.jitter) == (HOUR, timedelta(minutes=5))


def test_every_periodic_job_runs(app: Flask, connection: Redis) -> None:
    schedule.init_app(app)
    waiting = queue.open_queue(connection)
    for entry in PERIODIC:
        waiting.enqueue(entry.id)
        waiting.enqueue(entry.work)
    work(connection)
    assert waiting.failed_job_registry.count == 0
