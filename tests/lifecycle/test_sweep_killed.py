"""A sweep that is killed at random points ends, when it is run again, where an undisturbed one does."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.lifecycle.sweep import sweep
from chatpop.lifecycle.sweep_models import SweepRun
from chatpop.settings import store
from tests.conftest import both_databases
from tests.lifecycle.everything import every_row
from tests.lifecycle.idlers import DAY, abandoned, give_file, make_guests
from tests.support.people import Person
from tests.support.postgres import make_database

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("site")]
KILLS, IDLE = 20, 600
MOMENTS = {"_at", "_until"}


@pytest.fixture
def twin_url(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A second database like the test's own."""
    if database_kind == "postgres":
        template = request.getfixturevalue("postgres_template")
        return make_database(request.getfixturevalue("postgres_url"), "chatpop_twin", template)
    path = tmp_path / "twin.sqlite3"
    shutil.copy(request.getfixturevalue("sqlite_template"), path)
    return f"sqlite:///{path}"


def fill(app: Flask) -> list[int]:
    """The same rows with the same ids on every database: idle guests of all kinds, and some who must stay."""
    idle = make_guests(app, IDLE, unseen=100 * DAY)
    make_guests(app, 30, unseen=DAY)
    for number, user_id in enumerate(idle):
        if number % 3 == 0:
            give_file(app, user_id, private=True)
        if number % 5 == 0:
            give_file(app, user_id, private=False)
    return idle


def state(app: Flask) -> dict[str, list[dict[str, Any]]]:
    """Every row but the record of the runs, without moments (only whether there is one)."""
    rows = every_row(app)
    del rows["sweep_runs"]
    for table in rows.values():
        for row in table:
            for column in [column for column in row if any(column.endswith(end) for end in MOMENTS)]:
                row[column] = row[column] is not None
            row.pop("since", None)
    return {name: sorted(table, key=str) for name, table in rows.items()}


def count_abandoned(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count(User.id)).where(User.is_abandoned.is_(True))) or 0


def kill_in_the_middle(app: Flask, chance: random.Random) -> int:
    """Let a process of its own sweep, and kill it after some guests and a moment; how many it has forgotten."""
    before, enough = count_abandoned(app), chance.randint(1, 25)
    with app.app_context():
        db.engine.dispose()
    child = os.fork()
    if child == 0:
        try:
            with app.app_context():
                sweep(force=True)
        finally:
            os._exit(1)
    until = time.monotonic() + 60
    while count_abandoned(app) < before + enough and time.monotonic() < until:
        time.sleep(0.001)
    time.sleep(chance.uniform(0, 0.03))
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "it was in the middle"
    return count_abandoned(app) - before


@both_databases
def test_killed_at_20_random_points(make_app: Callable[..., Flask], twin_url: str) -> None:
    store.forget()
    twin = make_app(DATABASE_URL=twin_url)
    fill(twin)
    with twin.app_context():
        assert sweep(force=True) == IDLE
        assert sweep(force=True) == 0
    app = make_app()
    idle = fill(app)
    chance = random.Random(6)
    done = [kill_in_the_middle(app, chance) for _ in range(KILLS)]
    assert sum(done) < IDLE, "something was left for the last run"
    with app.app_context():
        assert sweep(force=True) == IDLE - sum(done)
        assert sweep(force=True) == 0
        assert db.session.scalar(select(func.sum(SweepRun.swept))) == IDLE, "each was counted once"
    assert abandoned(app) == set(idle)
    assert state(app) == state(twin)
    with app.app_context():
        assert db.session.execute(text("SELECT max(epoch), min(items_count) FROM users")).one() == (1, 0)
    Person(app).open_room()
    print(f"forgotten between {KILLS} kills: {done}, the rest {IDLE - sum(done)}")
