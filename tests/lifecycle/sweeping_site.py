"""A whole site that is swept while people use it: how long the sweep takes, and how long they wait."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask
from sqlalchemy import insert

from chatpop.app import create_app
from chatpop.config import Config
from chatpop.core import clock
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.running import valkey
from chatpop.settings import store
from tests.lifecycle.idlers import DAY, make_guests, user_row
from tests.site.people import Caller
from tests.site.process import ROOT, RunningSite, running_site

CHUNK = 5_000
QUIET = {"SWEEP_ENABLED": "false", "MAX_MESSAGES_PER_MINUTE_GUEST": "100000"}


@dataclass
class Waits:
    """How long requests took, in milliseconds; ``wrong`` are the answers that were none."""

    reads: list[float] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


@dataclass
class Swept:
    """``seconds`` from the start of the command to its end; ``count`` is what it printed last."""

    count: int
    again: int
    seconds: float
    before: Waits
    during: Waits


def sweep_under_load(folder: Path, *, guests: int, due: int, database_url: str | None = None) -> Swept:
    settings = QUIET | ({"DATABASE_URL": database_url} if database_url else {})
    with running_site(folder, **settings) as site:
        environ = _environ(site, folder, database_url)
        with _application(environ) as app:
            _crowd(app, guests - due)
            make_guests(app, due, unseen=100 * DAY)
        hana = Caller(site.address)
        code = hana.open_room("Tea")
        before = Waits()
        _use(hana, code, before, _for(5))
        during, process = Waits(), _command(environ)
        began = time.monotonic()
        user = threading.Thread(target=_use, args=(hana, code, during, lambda: process.poll() is None))
        user.start()
        out, _ = process.communicate(timeout=300)
        seconds = time.monotonic() - began
        user.join()
        again, _ = _command(environ).communicate(timeout=120)
        return Swept(int(out.splitlines()[-1]), int(again.splitlines()[-1]), seconds, before, during)


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[max(0, math.ceil(len(values) * share) - 1)]


def told(swept: Swept) -> str:
    """The figures in a few lines."""
    lines = [f"{swept.count} guests in {swept.seconds:.1f} s, a second run {swept.again}"]
    for name, waits in (("before", swept.before), ("during", swept.during)):
        for kind, values in (("page", waits.reads), ("message", waits.writes)):
            middle, late, last = (percentile(values, share) for share in (0.5, 0.95, 1))
            lines.append(
                f"{name}: {kind} {len(values)} times, median {middle:.0f}, 95 % {late:.0f}, worst {last:.0f} ms"
            )
    return "\n".join([*lines, *swept.before.wrong, *swept.during.wrong])


def _environ(site: RunningSite, folder: Path, database_url: str | None) -> dict[str, str]:
    data_dir = folder / "var"
    return {
        **os.environ,
        **QUIET,
        "DATA_DIR": str(data_dir),
        "DATABASE_URL": database_url or f"sqlite:///{data_dir}/chatpop.sqlite3",
        "REDIS_URL": valkey.url(data_dir),
        "PYTHONPATH": str(ROOT),
    }


@contextmanager
def _application(environ: dict[str, str]) -> Iterator[Flask]:
    names = ("DATA_DIR", "DATABASE_URL", "REDIS_URL")
    app = create_app(Config.from_environ({name: environ[name] for name in names}))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    store.forget()


def _crowd(app: Flask, count: int) -> None:
    """Guests who were here yesterday, without a browser each: that many rows have to be written quickly."""
    with app.app_context(), transaction() as session:
        for start in range(0, count, CHUNK):
            rows = [
                user_row(f"Crowdx{number}q", clock.now() - DAY) for number in range(start, min(start + CHUNK, count))
            ]
            session.connection().execute(insert(User), rows)


def _command(environ: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "chatpop.cli", "sweep"]
    return subprocess.Popen(
        command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )


def _for(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() < end


def _use(person: Caller, code: str, waits: Waits, goes_on: Callable[[], bool]) -> None:
    """Read a page, write a message, and wait a little, as one person does."""
    while goes_on():
        began = time.monotonic()
        if "Tea" not in person.page(f"/rooms/{code}"):
            waits.wrong.append("the room's page is not there")
        read = time.monotonic()
        status, answer = person.call(f"/rooms/{code}/messages", {"body": "hello", "client_id": str(began)})
        wrote = time.monotonic()
        if status != 201:
            waits.wrong.append(f"{status} {answer}")
        waits.reads.append((read - began) * 1000)
        waits.writes.append((wrote - read) * 1000)
        time.sleep(0.05)
