"""How far one has read: told by the page when it is hidden, left, or shown again."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from chatpop.rooms import reading
from chatpop.rooms.views.loading import parse_number, the_place, the_room

bp = Blueprint("readings", __name__)


@bp.post("/rooms/<code>/reading")
def update(code: str) -> ResponseReturnValue:
    """``seq`` is the last number of the log that was in view; ``away`` is 1 where nobody looks any more."""
    room = the_room(code)
    _user, place = the_place(room)
    seq = parse_number(request.form.get("seq", ""))
    reading.look_away(room, place, seq, is_away=request.form.get("away") == "1")
    return "", 204
