"""The Flask extensions, unbound; ``create_app`` binds them."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from redis import Redis
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

from chatpop.pulse import Patience, Pulse


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


db = SQLAlchemy(model_class=Base, disable_autonaming=True, session_options={"expire_on_commit": False})
migrate = Migrate(compare_type=True, render_as_batch=True)
login = LoginManager()
redis_store = RedisStore()
limiter = Limiter(key_func=get_remote_address, strategy="moving-window", storage_options=redis_store.waiting())
