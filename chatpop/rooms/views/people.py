"""Who is in a room right now."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from chatpop.rooms.live import live
from chatpop.rooms.views.loading import the_room

bp = Blueprint("people", __name__)


@bp.get("/rooms/<code>/people")
def index(code: str) -> ResponseReturnValue:
    room = the_room(code)
    return render_template("rooms/_people.html", presence=live.people(room.id))
