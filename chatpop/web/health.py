"""Whether the process lives, and whether the site can serve."""

from __future__ import annotations

from flask import Blueprint, Flask, current_app, jsonify
from flask.typing import ResponseReturnValue
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from chatpop.core import database, queue
from chatpop.extensions import db

bp = Blueprint("health", __name__)
RETRY_SECONDS = 5
PATIENCE_SECONDS = 2.0
"""A Redis that hangs is away."""


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)


@bp.get("/healthz")
def alive() -> ResponseReturnValue:
    """This process answers."""
    return jsonify(status="ok")


@bp.get("/readyz")
def ready() -> ResponseReturnValue:
    """Database, Redis and a worker's heartbeat; 503 names what is missing."""
    parts = {"database": _database(), **_redis_and_worker()}
    if all(parts.values()):
        return jsonify(status="ok", **parts)
    return jsonify(status="away", **parts), 503, {"Retry-After": str(RETRY_SECONDS)}


def _database() -> bool:
    try:
        with database.reading(), db.engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True


def _redis_and_worker() -> dict[str, bool]:
    connection = queue.connect(current_app.config["REDIS_URL"], PATIENCE_SECONDS)
    try:
        connection.ping()
        return {"redis": True, "worker": queue.worker_is_alive(connection)}
    except RedisError:
        return {"redis": False, "worker": False}
    finally:
        connection.close()
