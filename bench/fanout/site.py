"""The site with two endpoints more: a message's way is measured against what no message can do without."""

from __future__ import annotations

from flask import Blueprint, Flask, request
from sqlalchemy import text

from chatpop.app import create_app
from chatpop.core import limits
from chatpop.core.limits import Bucket
from chatpop.core.transactions import transaction
from chatpop.extensions import db, redis_store
from chatpop.identity.models import User
from chatpop.identity.recognition import present_viewer

bp = Blueprint("bench", __name__, url_prefix="/bench")
MINUTE = 60
MANY = 1_000_000
INSERT = text("INSERT INTO bench_rows (owner_id, body) VALUES (:owner_id, :body) RETURNING id")


def create() -> Flask:
    """For ``gunicorn 'bench.fanout.site:create()'``."""
    app = create_app()
    app.register_blueprint(bp)
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(
            text("CREATE TABLE IF NOT EXISTS bench_rows (id INTEGER PRIMARY KEY, owner_id INTEGER, body TEXT)")
        )
    return app


@bp.post("/null")
def null() -> tuple[str, int]:
    """Who it is from, and one limit; nothing else."""
    _charge()
    return "", 201


@bp.post("/floor")
def floor() -> tuple[str, int]:
    """The same, one row stored, one fact published."""
    user = _charge()
    body = request.form["body"]
    with transaction() as session:
        row_id = session.connection().execute(INSERT, {"owner_id": user.id, "body": body}).scalar_one()
    redis_store.client.publish("bench", str(row_id))
    return "", 201


def _charge() -> User:
    user = present_viewer().user
    if user is None:
        raise ValueError("the bench writes as a guest")
    limits.spend([Bucket("bench", f"user:{user.id}", MANY, MINUTE)])
    return user
