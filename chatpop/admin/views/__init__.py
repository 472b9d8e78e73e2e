"""The admin pages, a blueprint a resource, all inside the one that guards."""

from __future__ import annotations

from flask import Blueprint, Flask

from chatpop.admin.guard import guard
from chatpop.admin.views import (
    audit,
    bans,
    dashboard,
    first_room,
    jobs,
    names,
    people,
    reports,
    rooms,
    settings,
    sweep,
    uploads,
    word_packs,
)

RESOURCES = (dashboard, settings, names, word_packs, jobs, sweep)
LIBRARY = (people, rooms, reports, bans, uploads, audit, first_room)


def init_app(app: Flask) -> None:
    door = Blueprint("admin", __name__, url_prefix="/admin")
    door.before_request(guard)
    for resource in (*RESOURCES, *LIBRARY):
        door.register_blueprint(resource.bp)
    app.register_blueprint(door)
    app.jinja_env.globals.update(wants_first_room=first_room.wants_first_room, open_reports=reports.open_reports)
    jobs.init_app(app)
