"""The page about one's own account."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from chatpop.accounts.forms import RenameForm
from chatpop.accounts.views.account_page import present_account
from chatpop.web.auth import require_user

bp = Blueprint("accounts", __name__)


@bp.get("/account")
@require_user
def show() -> ResponseReturnValue:
    return present_account(RenameForm())
