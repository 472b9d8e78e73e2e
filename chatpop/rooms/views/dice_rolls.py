"""Rolling the dice for a name, in a room."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from chatpop.core.errors import DomainError
from chatpop.identity.recognition import present_viewer
from chatpop.rooms.views.loading import the_room
from chatpop.rooms.views.panel import DICE, answer_panel, refuse, rolled_panel
from chatpop.rooms.views.rolling import roll_in, the_way_in
from chatpop.web.wants import wants

bp = Blueprint("dice_rolls", __name__)


@bp.post("/rooms/<code>/dice-rolls")
def create(code: str) -> ResponseReturnValue:
    room = the_way_in(code)
    try:
        rolled = roll_in(room)
    except DomainError as refusal:
        return refuse(the_room(code), present_viewer(), refusal)
    if wants() == "fragment":
        return answer_panel(room, rolled_panel(present_viewer(), rolled))
    return redirect(url_for("participations.new", code=room.code, mode=DICE), 303)
