"""A copy of one's own data: asking for it, seeing how far it is, fetching it."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, send_file, url_for
from flask.typing import ResponseReturnValue

from chatpop.accounts.views.owners import the_owner, the_user
from chatpop.core import clock
from chatpop.lifecycle import export
from chatpop.lifecycle.export import TooManyExports
from chatpop.lifecycle.jobs import exports_folder
from chatpop.web.auth import require_user
from chatpop.web.htmx import go
from chatpop.web.wants import wants

bp = Blueprint("exports", __name__)


@bp.get("/account/exports")
@require_user
def index() -> ResponseReturnValue:
    return render_template("lifecycle/export.html", export=export.export_of(the_user()))


@bp.get("/account/exports/latest")
@require_user
def latest() -> ResponseReturnValue:
    """How far it is: always a fragment, which asks again until the file is ready."""
    return render_template("lifecycle/_export.html", export=export.export_of(the_user()))


@bp.post("/account/exports")
@require_user
def create() -> ResponseReturnValue:
    user = the_owner()
    try:
        made = export.request_export(user, exports_folder())
    except TooManyExports as refusal:
        if wants() == "json":
            raise
        return _show(refusal)
    if wants() == "fragment":
        return render_template("lifecycle/_export.html", export=made)
    return go(url_for("exports.index"))


@bp.get("/account/exports/<token>")
@require_user
def show(token: str) -> ResponseReturnValue:
    """The file itself, to its owner alone."""
    path = export.find_export(token, the_owner(), exports_folder())
    response = send_file(
        path, mimetype="application/zip", as_attachment=True, download_name=f"chatpop-{clock.now():%Y-%m-%d}.zip"
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _show(refusal: TooManyExports) -> ResponseReturnValue:
    template = "lifecycle/_export.html" if wants() == "fragment" else "lifecycle/export.html"
    page = render_template(template, export=export.export_of(the_user()), notice=refusal)
    response = make_response(page, refusal.status)
    response.headers["Retry-After"] = str(refusal.retry_after)
    return response
