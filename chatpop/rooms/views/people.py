"""Who is in a room right now, and one of them by the tag of their name there."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from chatpop.rooms.live import live
from chatpop.rooms.moderation import persons
from chatpop.rooms.views.acting import person_page
from chatpop.rooms.views.loading import the_room, the_room_to_judge

bp = Blueprint("people", __name__)


@bp.get("/rooms/<code>/people")
def index(code: str) -> ResponseReturnValue:
    room = the_room(code)
    return render_template("rooms/_people.html", presence=live.people(room.id), code=room.code)


@bp.get("/rooms/<code>/people/<tag>")
def show(code: str, tag: str) -> ResponseReturnValue:
    """One person, with what the viewer may do: in the room's dialog, or on a page of its own."""
    room = the_room_to_judge(code)
    return person_page(room, persons.find(room, tag))
