"""Taking another name."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from chatpop.accounts import renaming
from chatpop.accounts.forms import RenameForm
from chatpop.accounts.views.account_page import present_account
from chatpop.core.errors import DomainError, LoginRequired
from chatpop.core.texts import text
from chatpop.identity.checkers import present_check
from chatpop.identity.recognition import present_viewer
from chatpop.web.auth import require_member
from chatpop.web.htmx import go
from chatpop.web.saying import flash

bp = Blueprint("renames", __name__)


@bp.post("/account/name")
@require_member
def create() -> ResponseReturnValue:
    viewer, form = present_viewer(), RenameForm(request.form)
    if viewer.user is None:
        raise LoginRequired
    if not form.validate():
        return present_account(form, 422)
    try:
        name = form.username.data or ""
        user = renaming.rename(viewer.user, name, present_check(name), viewer.rollers)
    except DomainError as refusal:
        return present_account(form, refusal.status, refusal)
    flash(text("You are %(username)s now.", username=user.username))
    return go(url_for("accounts.show"))
