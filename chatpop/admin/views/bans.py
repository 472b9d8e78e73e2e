"""The bans of the whole site: those in force, and lifting one."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from chatpop.admin.present import the_admin
from chatpop.core.errors import NotFound
from chatpop.core.texts import text
from chatpop.core.transactions import transaction
from chatpop.identity import bans
from chatpop.identity.bans import Ban
from chatpop.web.redirects import own_path
from chatpop.web.saying import flash

bp = Blueprint("bans", __name__, url_prefix="/bans")


class BanNotFound(NotFound):
    code, sentence = "ban_not_found", "There is no such ban."


@bp.get("")
def index() -> ResponseReturnValue:
    return render_template("admin/bans/index.html", bans=bans.in_force_in(None))


@bp.post("/<int:ban_id>/end")
def destroy(ban_id: int) -> ResponseReturnValue:
    """Rooms' bans too: an admin may lift what a host has placed."""
    with transaction() as session:
        found = session.get(Ban, ban_id)
        if found is None:
            raise BanNotFound
        bans.lift(session, found, the_admin())
    flash(text("The ban is lifted."))
    return redirect(own_path(request.form.get("back", "")) or url_for("admin.bans.index"), 303)
