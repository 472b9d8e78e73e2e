"""The live check of a typed name: always a fragment; writes and holds nothing."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from chatpop.accounts.views.name_field import present_answer

bp = Blueprint("username_checks", __name__)


@bp.get("/register/username")
def show() -> ResponseReturnValue:
    check, alternatives = present_answer(request.args.get("username", "").strip())
    return render_template("accounts/_username_check.html", check=check, alternatives=alternatives)
