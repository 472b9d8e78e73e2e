"""Real databases, a real Valkey, and the cast.

gus is a guest-to-be with an empty browser, like all the others; they differ by what a test lets
them do: gus talks, hana hosts, oto is the outsider, mia is a member.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade
from redis import Redis

from chatpop.accounts.passwords import PRODUCTION, Cost, hasher
from chatpop.app import create_app
from chatpop.config import Config
from chatpop.extensions import db
from chatpop.names import packs
from chatpop.rooms.live import live
from chatpop.settings import store
from tests.support import compiled
from tests.support.browsing import browser as browser
from tests.support.browsing import eye as eye
from tests.support.browsing import profile as profile
from tests.support.browsing import profiles as profiles
from tests.support.browsing import site as site
from tests.support.people import Person
from tests.support.postgres import make_database, running_postgres
from tests.support.valkey import RunningValkey, running_valkey

SECRET = "unit-tests-own-key-0123456789-abcdefghij"
both_databases = pytest.mark.parametrize("database_kind", ["sqlite", "postgres"], indirect=True)
"""Run a test on SQLite and on PostgreSQL."""


@pytest.fixture(autouse=True)
def quick_hashes() -> Iterator[None]:
    """Hashes of a millisecond; the tests of passwords look at the real ones, and so do those that start a site."""
    hasher.cost = Cost(memory_kib=64, passes=1, lanes=1)
    yield
    hasher.cost = PRODUCTION


@pytest.fixture(scope="session")
def valkey() -> Iterator[RunningValkey]:
    with running_valkey() as server:
        yield server


@pytest.fixture
def own_valkey() -> Iterator[RunningValkey]:
    """A Valkey that the test may stop or kill, and that no supervisor starts again."""
    with running_valkey() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with running_postgres() as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite file at the newest migration, to be copied."""
    path = tmp_path_factory.mktemp("template") / "chatpop.sqlite3"
    _migrate(f"sqlite:///{path}", path.parent)
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of an empty PostgreSQL database at the newest migration, to be copied."""
    _migrate(make_database(postgres_url, "template_chatpop"), tmp_path_factory.mktemp("pg"))
    return "template_chatpop"


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture
def database_url(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh database for one test."""
    if database_kind == "postgres":
        template = request.getfixturevalue("postgres_template")
        return make_database(request.getfixturevalue("postgres_url"), "chatpop", template)
    path = tmp_path / "chatpop.sqlite3"
    shutil.copy(request.getfixturevalue("sqlite_template"), path)
    return f"sqlite:///{path}"


@pytest.fixture
def redis(valkey: RunningValkey) -> Iterator[Redis]:
    """The test's Redis, empty; brought back if a test took it away."""
    client = Redis.from_url(valkey.url, decode_responses=True)
    client.flushall()
    yield client
    client.close()


@pytest.fixture
def make_app(database_url: str, valkey: RunningValkey, redis: Redis, tmp_path: Path) -> Iterator[Callable[..., Flask]]:
    """Build the site on the test's database and Redis; keyword arguments are environment variables."""
    made: list[Flask] = []

    def make(**environ: str) -> Flask:
        store.forget()
        packs.forget()
        base = _environ(database_url, valkey.url, tmp_path)
        app = create_app(Config.from_environ({**base, **environ}))
        app.testing = True
        compiled.keep_templates(app)
        made.append(app)
        return app

    yield make
    live.shutdown()
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
    store.forget()


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app()


@pytest.fixture
def person(app: Flask) -> Callable[[], Person]:
    """Another person with a browser of their own, as often as it is called."""
    return lambda: Person(app)


@pytest.fixture
def gus(app: Flask) -> Person:
    return Person(app)


@pytest.fixture
def hana(app: Flask) -> Person:
    return Person(app)


@pytest.fixture
def oto(app: Flask) -> Person:
    return Person(app)


def _environ(database_url: str, redis_url: str, folder: Path) -> dict[str, str]:
    return {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "DATA_DIR": str(folder),
        "SECRET_KEY": SECRET,
    }


def _migrate(url: str, folder: Path) -> None:
    app = create_app(Config.from_environ(_environ(url, "redis://127.0.0.1:1/0", folder)))
    with app.app_context():
        upgrade()
        db.engine.dispose()


os.environ.setdefault("TZ", "UTC")
compiled.keep_routes()
