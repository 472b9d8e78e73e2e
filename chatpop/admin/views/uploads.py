"""Uploads: what is stored and how much it takes, and deleting a file."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from chatpop.admin.present import the_admin, whole_number
from chatpop.core.texts import text
from chatpop.uploads import overview
from chatpop.web.redirects import own_path
from chatpop.web.saying import flash

bp = Blueprint("uploads", __name__, url_prefix="/uploads")


@bp.get("")
def index() -> ResponseReturnValue:
    owner = whole_number("owner")
    return render_template(
        "admin/uploads/index.html",
        page=overview.page(owner, whole_number("below")),
        owner=owner,
        totals=overview.totals(),
        leaving=overview.count_leaving(),
    )


@bp.post("/<int:upload_id>/deletion")
def destroy(upload_id: int) -> ResponseReturnValue:
    name = overview.remove(upload_id, by=the_admin())
    flash(text("%(name)s is deleted.", name=name))
    return redirect(own_path(request.form.get("back", "")) or url_for("admin.uploads.index"), 303)
