"""The dice on the home page: a name to try at once, without a room, held for whoever joins or opens one."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from chatpop.core.errors import DomainError
from chatpop.identity.recognition import present_viewer
from chatpop.identity.rollers import present_roll
from chatpop.names.rolling import RollsUsedUp
from chatpop.rooms.views.panel import DICE, present_panel
from chatpop.web.wants import wants

bp = Blueprint("home_dice", __name__)


@bp.post("/dice-rolls")
def create() -> ResponseReturnValue:
    """The dice with the new name; without scripts the home page, which shows it."""
    try:
        present_roll(None)
    except DomainError as refusal:
        if wants() != "fragment":
            raise
        return _refuse(refusal)
    if wants() == "fragment":
        return render_template("rooms/_home_dice.html", panel=present_panel(present_viewer(), DICE), rolled=True)
    return redirect(url_for("rooms.index", _anchor="home-dice"), 303)


def _refuse(refusal: DomainError) -> ResponseReturnValue:
    panel = present_panel(present_viewer(), DICE)
    if isinstance(refusal, RollsUsedUp):
        panel = replace(panel, remaining=0, wait_seconds=refusal.retry_after)
    else:
        panel = replace(panel, error=refusal.sentence)
    response = make_response(render_template("rooms/_home_dice.html", panel=panel, rolled=False), refusal.status)
    if refusal.retry_after is not None:
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response
