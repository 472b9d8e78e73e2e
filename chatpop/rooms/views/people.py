"""Who is in a room right now, and one of them by the tag of their name there."""

from __future__ import annotations

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from chatpop.rooms import completing
from chatpop.rooms.live import live
from chatpop.rooms.moderation import persons
from chatpop.rooms.tags import author_tag
from chatpop.rooms.views.acting import person_page
from chatpop.rooms.views.loading import the_place, the_room, the_room_to_judge

bp = Blueprint("people", __name__)


@bp.get("/rooms/<code>/people")
def index(code: str) -> ResponseReturnValue:
    """Who is here; with ``q``, for a participant, who in the room has a name that begins so, as JSON."""
    room = the_room(code)
    if "q" in request.args:
        user, _ = the_place(room)
        found = completing.find_people(room, user, request.args["q"])
        return jsonify(people=[{"name": place.name, "tag": author_tag(room, place)} for place in found])
    return render_template("rooms/_people.html", presence=live.people(room.id), code=room.code)


@bp.get("/rooms/<code>/people/<tag>")
def show(code: str, tag: str) -> ResponseReturnValue:
    """One person, with what the viewer may do: in the room's dialog, or on a page of its own."""
    room = the_room_to_judge(code)
    return person_page(room, persons.find(room, tag))
