"""Brings the database up to date before a site starts; run by ``chatpop.serve`` in a process of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask_migrate import upgrade
from redis.exceptions import RedisError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from chatpop.app import create_app
from chatpop.config import ConfigError
from chatpop.extensions import db, redis_store
from chatpop.running.folder import Lock
from chatpop.running.refusals import SAID, say

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """A site and commands may find the old schema at the same time."""
    lock = Lock(data_dir / "migrate.lock")
    lock.take(float("inf"))
    yield
    lock.give_back()


def _first_line(error: object) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")


def main() -> int:
    """0 when the database is at the newest migration and Redis answers; else ``SAID``, with a sentence."""
    try:
        app = create_app()
        with app.app_context(), _alone(app.config["CHATPOP"].data_dir):
            redis_store.client.ping()
            upgrade(directory=str(MIGRATIONS))
            db.engine.dispose()
    except ConfigError as error:
        say(str(error))
    except RedisError as error:
        say(f"REDIS_URL is set, but no Redis answers there: {_first_line(error)}.")
    except OperationalError as error:
        shown = make_url(app.config["SQLALCHEMY_DATABASE_URI"]).render_as_string(hide_password=True)
        say(f"DATABASE_URL is {shown}, and that database can't be used: {_first_line(error.orig)}.")
    else:
        return 0
    return SAID


if __name__ == "__main__":
    sys.exit(main())
