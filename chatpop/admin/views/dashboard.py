"""The first admin page: how the site stands."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from chatpop.lifecycle.figures import count_everything

bp = Blueprint("dashboard", __name__)


@bp.get("", strict_slashes=False)
def show() -> ResponseReturnValue:
    policy = current_app.config["CHATPOP"].guest_recognition
    return render_template("admin/dashboard.html", figures=count_everything(), policy=policy)
