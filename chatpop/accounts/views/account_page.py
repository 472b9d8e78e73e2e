"""What the account page shows, also after a refused rename."""

from __future__ import annotations

from flask import make_response, render_template
from flask.typing import ResponseReturnValue

from chatpop.accounts import allowances
from chatpop.accounts.forms import RenameForm, add_errors, point_at_error
from chatpop.accounts.refusals import NotAccepted
from chatpop.core.errors import DomainError, LoginRequired
from chatpop.identity.recognition import present_viewer
from chatpop.settings import registry
from chatpop.web.wants import wants


def present_account(form: RenameForm, status: int = 200, refusal: DomainError | None = None) -> ResponseReturnValue:
    """The page, or the rename form alone for HTMX's posts."""
    user = present_viewer().user
    if user is None:
        raise LoginRequired
    if refusal is not None:
        if wants() == "json":
            raise refusal
        add_errors(form, refusal.fields if isinstance(refusal, NotAccepted) else {"username": refusal.sentence})
    point_at_error(form)
    template = "accounts/_rename.html" if status != 200 and wants() == "fragment" else "accounts/account.html"
    response = make_response(
        render_template(
            template,
            user=user,
            form=form,
            allowances=allowances.table(user),
            cooldown_days=registry.NAME_RENAME_COOLDOWN_DAYS.get(),
        ),
        status,
    )
    if refusal is not None and refusal.retry_after is not None:
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response
