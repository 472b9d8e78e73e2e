"""The Flask extensions, unbound; ``create_app`` binds them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from click import Command, Context
from flask import Flask
from flask.cli import AppGroup
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy
from limits.storage import RedisStorage
from redis import Redis
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

from chatpop.pulse import Patience, Pulse

if TYPE_CHECKING:
    from flask_migrate import Migrate


class Base(DeclarativeBase):
    """Declarative base; constraint names are fixed so that migrations can find them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


PATIENCE = 3.0
"""Seconds: longer than an embedded Valkey waits for a busy disk."""
BRIEF_PATIENCE = 0.5


class RedisStore:
    """The process's Redis connection pools, for short commands only. They share what is known of its silence.

    Whoever blocks on Redis (live events, the queue) makes a client of its own from ``url``.
    """

    def __init__(self) -> None:
        self.url = ""
        self._pulse = Pulse()
        self._client: Redis | None = None
        self._brief: Redis | None = None

    def init_app(self, app: Flask) -> None:
        self.url = app.config["REDIS_URL"]
        self._pulse.watch(self.url)
        self._client = Redis.from_url(self.url, decode_responses=True, **self.waiting())
        self._brief = Redis.from_url(self.url, decode_responses=True, **self.waiting(BRIEF_PATIENCE, after=0.0))

    @property
    def client(self) -> Redis:
        """For what can't be done without Redis, or less well: limits, names, the queue."""
        if self._client is None:
            raise RuntimeError("Redis is not set up")
        return self._client

    @property
    def brief(self) -> Redis:
        """For what a reader does not wait for: it gives up early, and in a silence at once. Decides on no limit
        of actions: a busy process may take an answer for late that was not.
        """
        if self._brief is None:
            raise RuntimeError("Redis is not set up")
        return self._brief

    def waiting(self, patience: float = PATIENCE, after: float = PATIENCE * 0.9) -> dict[str, Any]:
        """Options of a client that gives up after ``patience`` seconds, and in a silence of ``after`` at once."""
        return {
            "socket_connect_timeout": min(1.0, patience),
            "socket_timeout": patience,
            "retry": Patience(self._pulse, after),
        }


# It would load the library for Valkey's own protocol too, which is the same one and spoken by nobody here.
RedisStorage.DEPENDENCIES = {"redis": None}


class _WithMigrations(AppGroup):
    """The commands of ``flask``, with ``flask db`` among them."""

    def list_commands(self, ctx: Context) -> list[str]:
        return sorted([*super().list_commands(ctx), "db"])

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        if cmd_name != "db":
            return super().get_command(ctx, cmd_name)
        from flask_migrate.cli import db as migrating

        return cast(Command, migrating)


class Migrations:
    """What Flask-Migrate looks for in ``app.extensions``; it and Alembic are loaded by who migrates, never to serve."""

    configure_args: Mapping[str, bool] = {"compare_type": True, "render_as_batch": True}

    def __init__(self, database: SQLAlchemy) -> None:
        self.db = database
        self.directory = ""

    def init_app(self, app: Flask, directory: str) -> None:
        self.directory = directory
        app.extensions["migrate"] = self
        app.cli = _WithMigrations(app.name, commands=app.cli.commands)

    @cached_property
    def migrate(self) -> Migrate:
        from flask_migrate import Migrate

        return Migrate(db=self.db, directory=self.directory, **self.configure_args)


db = SQLAlchemy(model_class=Base, disable_autonaming=True, session_options={"expire_on_commit": False})
migrations = Migrations(db)
login = LoginManager()
redis_store = RedisStore()
limiter = Limiter(key_func=get_remote_address, strategy="moving-window", storage_options=redis_store.waiting())
