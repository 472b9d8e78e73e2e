"""The site with a null endpoint: what a roll over HTTP is measured against.

It knows the viewer, charges the same buckets, gives the visitor's cookie, asks Redis once more, and answers as much as
a roll does; it neither looks for a room nor throws, reads the table, holds a name or renders anything.
"""

from __future__ import annotations

from flask import Blueprint, Flask, Response, jsonify

from chatpop.app import create_app
from chatpop.core import ids, limits
from chatpop.core.limits import Bucket
from chatpop.extensions import redis_store
from chatpop.identity.recognition import present_viewer, remember_visitor
from chatpop.names import rolling
from chatpop.settings import registry
from chatpop.web.client_address import client_address, network_buckets

bp = Blueprint("null", __name__)
ROOM_ID = 1


def create() -> Flask:
    """For ``gunicorn 'bench.names.site:create()'``."""
    app = create_app()
    app.register_blueprint(bp)
    return app


@bp.post("/rooms/<code>/null")
def create_null(code: str) -> Response:
    viewer = present_viewer()
    visitor_id = viewer.visitor_id or ids.short_token()
    roller = viewer.rollers[0] if viewer.user is not None else f"visitor:{visitor_id}"
    window = registry.ROLL_WINDOW_SECONDS.get()
    buckets = [
        rolling.own_bucket(roller),
        Bucket(f"rolls-in-{ROOM_ID}", roller, registry.MAX_ROLLS_PER_ROOM.get(), window),
        *network_buckets("rolls-from", client_address(), registry.MAX_ROLLS_PER_NETWORK.get(), window),
    ]
    allowance = limits.spend(buckets)
    redis_store.client.ping()
    if viewer.user is None:
        remember_visitor(visitor_id)
    return jsonify(username="HappyPanda123", remaining=allowance.remaining)
