"""How forms about accounts are answered: the fragment for HTMX, the whole page for everybody else."""

from __future__ import annotations

from typing import Any

from flask import make_response, render_template
from flask.typing import ResponseReturnValue
from wtforms import Form

from chatpop.accounts.forms import add_errors, point_at_error
from chatpop.accounts.refusals import NotAccepted
from chatpop.core.errors import DomainError
from chatpop.web.wants import wants


def answer(noun: str, form: Form, status: int = 200, **shown: Any) -> ResponseReturnValue:
    """``accounts/_<noun>.html`` or ``accounts/<noun>.html``, with the first wrong field in focus."""
    point_at_error(form)
    template = f"accounts/_{noun}.html" if wants() == "fragment" else f"accounts/{noun}.html"
    return render_template(template, form=form, **shown), status


def refuse(noun: str, form: Form, refusal: DomainError, status: int | None = None, **shown: Any) -> ResponseReturnValue:
    """The form again with what was typed, and the reason beside the fields or above them. JSON is refused as such."""
    if wants() == "json":
        raise refusal
    notice = None
    if isinstance(refusal, NotAccepted):
        add_errors(form, refusal.fields)
    else:
        notice = refusal
    response = make_response(answer(noun, form, status or refusal.status, notice=notice, **shown))
    if refusal.retry_after is not None:
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response
