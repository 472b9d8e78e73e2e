"""The admin pages, a blueprint a resource, all inside the one that guards."""

from __future__ import annotations

from flask import Blueprint, Flask

from chatpop.admin.guard import guard
from chatpop.admin.views import dashboard, names, settings, word_packs

RESOURCES = (dashboard, settings, names, word_packs)


def init_app(app: Flask) -> None:
    door = Blueprint("admin", __name__, url_prefix="/admin")
    door.before_request(guard)
    for resource in RESOURCES:
        door.register_blueprint(resource.bp)
    app.register_blueprint(door)
