"""Health: the process, and everything the site needs."""

from __future__ import annotations

from flask import Flask

from chatpop.core import queue
from tests.support.people import Person
from tests.support.valkey import RunningValkey


def test_the_process_answers(oto: Person) -> None:
    assert oto.get("/healthz").json == {"status": "ok"}


def test_ready_means_database_redis_and_a_worker(app: Flask, oto: Person, valkey: RunningValkey) -> None:
    answer = oto.get("/readyz")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json == {"status": "away", "database": True, "redis": True, "worker": False}
    connection = queue.connect(valkey.url)
    worker = queue.make_worker(connection)
    worker.register_birth()  # type: ignore[no-untyped-call]
    assert oto.get("/readyz").status_code == 200
    worker.register_death()  # type: ignore[no-untyped-call]
    connection.close()


def test_without_redis_the_site_is_not_ready_but_alive(oto: Person, valkey: RunningValkey) -> None:
    valkey.stop()
    try:
        answer = oto.get("/readyz")
        assert (answer.status_code, answer.json["redis"]) == (503, False)
        assert oto.get("/healthz").status_code == 200
    finally:
        valkey.start()
