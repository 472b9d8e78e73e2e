"""Logging out, here or everywhere."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from chatpop.accounts import leaving
from chatpop.core.texts import text
from chatpop.identity import cookies, recognition
from chatpop.identity.cookies import Kind
from chatpop.identity.recognition import present_session_id, present_viewer
from chatpop.web.auth import require_member, require_user
from chatpop.web.htmx import go
from chatpop.web.saying import flash

bp = Blueprint("logouts", __name__)


@bp.get("/logout")
@require_user
def new() -> ResponseReturnValue:
    """The question before it: a guest may not be reachable any more afterwards."""
    lost = leaving.guest_left_behind(present_viewer().user, cookies.read(Kind.DEVICE))
    return render_template("accounts/logout.html", lost=lost)


@bp.post("/logout")
def create() -> ResponseReturnValue:
    leaving.log_out(present_session_id(), cookies.read(Kind.DEVICE))
    recognition.log_out()
    flash(text("You are logged out."))
    return go("/")


@bp.post("/logout/everywhere")
@require_member
def create_everywhere() -> ResponseReturnValue:
    user = present_viewer().user
    if user is not None:
        leaving.log_out_everywhere(user, cookies.read(Kind.DEVICE))
    recognition.log_out()
    flash(text("You are logged out everywhere."))
    return go("/")
