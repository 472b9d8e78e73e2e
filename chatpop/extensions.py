"""The Flask extensions, unbound; ``create_app`` binds them."""

from __future__ import annotations

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase


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


class RedisStore:
    """The process's Redis connection pool; ``client`` is for short commands only.

    A short time-out keeps pages alive while Redis is away. Whoever blocks on Redis (live
    events, the queue) makes a client of its own from ``url``.
    """

    def __init__(self) -> None:
        self.url = ""
        self._client: Redis | None = None

    def init_app(self, app: Flask) -> None:
        self.url = app.config["REDIS_URL"]
        self._client = Redis.from_url(
            self.url,
            decode_responses=True,
            socket_connect_timeout=1,
            socket_timeout=3,
            retry=Retry(NoBackoff(), 1),
        )

    @property
    def client(self) -> Redis:
        if self._client is None:
            raise RuntimeError("Redis is not set up")
        return self._client


db = SQLAlchemy(model_class=Base, disable_autonaming=True, session_options={"expire_on_commit": False})
migrate = Migrate(compare_type=True, render_as_batch=True)
login = LoginManager()
limiter = Limiter(key_func=get_remote_address, strategy="moving-window")
redis_store = RedisStore()
