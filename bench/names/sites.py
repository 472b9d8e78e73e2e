"""Sites side by side on one database server and one Valkey, and the processor time that all of it takes."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade

from chatpop.app import create_app
from chatpop.config import Config
from chatpop.extensions import db, redis_store
from tests.running.waiting import family
from tests.support.postgres import make_database, running_postgres
from tests.support.valkey import running_valkey

SECRET = "benchmarks-own-key-0123456789-abcdefghij"
MANY = "1000000"


@dataclass
class Sites:
    """Makes sites that share the servers, each with a database of its own."""

    folder: Path
    server: str | None
    redis_url: str
    made: list[Flask] = field(default_factory=list)

    def environ(self, name: str) -> dict[str, str]:
        """The environment of a site of this name; its database is there once it has been made."""
        url = f"sqlite:///{self.folder}/{name}.sqlite3"
        return {
            "DATABASE_URL": self.server.replace("/postgres?", f"/{name}?") if self.server else url,
            "REDIS_URL": self.redis_url,
            "DATA_DIR": str(self.folder),
            "SECRET_KEY": SECRET,
            "MAX_ANONYMOUS_USERNAME_GENERATION_ATTEMPTS": MANY,
            "MAX_ROLLS_PER_ROOM": MANY,
            "MAX_ROLLS_PER_NETWORK": MANY,
            "PATH": os.environ["PATH"],
        }

    def make(self, name: str) -> Flask:
        """An empty site at the newest migration."""
        if self.server:
            make_database(self.server, name)
        app = create_app(Config.from_environ(self.environ(name)))
        with app.app_context():
            upgrade()
        self.made.append(app)
        return app


@contextlib.contextmanager
def sites(database: str) -> Iterator[Sites]:
    """``database`` is ``sqlite`` or ``postgres``; all is gone at the end."""
    with contextlib.ExitStack() as stack:
        valkey = stack.enter_context(running_valkey())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(running_postgres()) if database == "postgres" else None
        found = Sites(folder, server, valkey.url)
        yield found
        for app in found.made:
            with app.app_context():
                db.session.remove()
                db.engine.dispose()


def cpu_each(work: Callable[[int], object], numbers: range) -> float:
    """Microseconds of this process, the database and Valkey together that one call takes."""
    before = _processor_time()
    for number in numbers:
        work(number)
    return (_processor_time() - before) / len(numbers)


def forget_holds() -> None:
    redis_store.client.flushall()


def _processor_time() -> float:
    """Microseconds that this process and all its children have run so far."""
    total = 0
    for pid in (os.getpid(), *family(os.getpid())):
        for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                total += int(thread.read_text().split()[0])
    return total / 1000
