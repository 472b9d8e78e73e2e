"""The sweep in the queue: a worker that is killed with its child in the middle is made up for, with its effect once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from chatpop.core import queue
from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.lifecycle.sweep_models import SweepRun
from chatpop.schedule import PERIODIC
from chatpop.uploads.models import FileRemoval
from tests.conftest import both_databases
from tests.lifecycle.idlers import DAY, abandoned, give_file, make_guests
from tests.running.waiting import family, until
from tests.support.valkey import RunningValkey

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400), pytest.mark.xdist_group("site")]
ROOT = Path(__file__).resolve().parents[2]
IDLE = 120
PATIENCE = 120


@contextmanager
def running_worker(app: Flask, database_url: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    environ = {
        **os.environ,
        "DATABASE_URL": database_url,
        "REDIS_URL": app.config["REDIS_URL"],
        "DATA_DIR": str(folder),
        "SECRET_KEY": app.config["SECRET_KEY"],
        "SWEEP_MAX_SHARE": "1",
        "PYTHONPATH": str(ROOT),
    }
    process = subprocess.Popen([sys.executable, "worker.py"], cwd=ROOT, env=environ, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        if process.poll() is None:
            kill_with_children(process)


def kill_with_children(process: subprocess.Popen[bytes]) -> None:
    for pid in (process.pid, *family(process.pid)):
        os.kill(pid, signal.SIGKILL)
    process.wait()


@both_databases
def test_killed_with_its_child_in_mid_job_it_is_done_within_two_minutes_and_once(
    app: Flask, database_url: str, valkey: RunningValkey, tmp_path: Path
) -> None:
    guests = make_guests(app, IDLE, unseen=100 * DAY)
    for user_id in guests[::4]:
        give_file(app, user_id, private=True)
    (entry,) = [entry for entry in PERIODIC if entry.id == "sweep"]
    connection = queue.connect(app.config["REDIS_URL"])
    with ExitStack() as workers:
        workers.callback(connection.close)
        first = workers.enter_context(running_worker(app, database_url, tmp_path))
        with app.app_context():
            assert queue._table[entry.id]() == entry.work
        jobs = queue.open_queue(connection)
        jobs.scheduled_job_registry.remove(entry.work)
        late = jobs.fetch_job(entry.work)
        assert late
        jobs.enqueue_job(late)  # the jitter is over
        until(lambda: len(abandoned(app)) > 10, 90)
        kill_with_children(first)
        began, done_before = time.monotonic(), len(abandoned(app))
        assert done_before < IDLE, "it was in the middle"
        workers.enter_context(running_worker(app, database_url, tmp_path))
        until(lambda: len(abandoned(app)) == IDLE and not is_under_way(app), PATIENCE)
    seconds = time.monotonic() - began
    assert seconds < PATIENCE
    with app.app_context():
        assert db.session.scalar(select(func.sum(SweepRun.swept))) == IDLE
        assert set(db.session.scalars(select(User.epoch))) == {1}
        assert db.session.scalar(select(func.count()).select_from(FileRemoval)) == IDLE / 4
        assert set(db.session.scalars(select(User.items_count))) == {0}
    print(f"{done_before} of {IDLE} before the kill, the rest {seconds:.0f} s after it")


def is_under_way(app: Flask) -> bool:
    with app.app_context():
        ended = db.session.scalars(select(SweepRun.ended_at).order_by(SweepRun.id.desc())).first()
        return ended is None
