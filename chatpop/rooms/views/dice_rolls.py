"""Rolling the dice for a name, in a room."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from chatpop.core.errors import DomainError
from chatpop.identity.recognition import present_viewer
from chatpop.identity.rollers import present_roll
from chatpop.rooms.views.class_passes import pass_rolls
from chatpop.rooms.views.loading import the_room
from chatpop.rooms.views.panel import DICE, answer_panel, present_panel, refuse
from chatpop.web.wants import wants

bp = Blueprint("dice_rolls", __name__)


@bp.post("/rooms/<code>/dice-rolls")
def create(code: str) -> ResponseReturnValue:
    room = the_room(code)
    try:
        present_roll(room.id, pass_rolls(room))
    except DomainError as refusal:
        return refuse(room, present_viewer(), refusal)
    if wants() == "fragment":
        return answer_panel(room, present_panel(present_viewer(), DICE))
    return redirect(url_for("participations.new", code=room.code, mode=DICE), 303)
