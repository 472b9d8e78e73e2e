"""The page of the ways back, and the card that offers one in a room."""

from __future__ import annotations

from flask import Blueprint, render_template, session
from flask.typing import ResponseReturnValue

from chatpop.accounts import passkeys
from chatpop.accounts.views.owners import the_user
from chatpop.accounts.views.resume_codes import SHOWN_ONCE, present_code
from chatpop.identity import resume_codes
from chatpop.identity.recognition import is_proven, present_viewer
from chatpop.web.auth import require_user

bp = Blueprint("ways_back", __name__)


@bp.get("/returning")
@require_user
def index() -> ResponseReturnValue:
    user = the_user()
    return render_template(
        "returning/index.html",
        code=present_code(user, session.pop(SHOWN_ONCE, None)),
        passkeys=passkeys.of(user),
        is_proven=is_proven(),
    )


@bp.get("/returning/card")
def card() -> ResponseReturnValue:
    """The quiet card for a guest who has no way back yet; nothing for everybody else."""
    user = present_viewer().user
    if user is None or user.is_registered or not is_proven():
        return "", 204
    if resume_codes.made_at(user) is not None or passkeys.of(user):
        return "", 204
    return render_template("returning/_card.html")
