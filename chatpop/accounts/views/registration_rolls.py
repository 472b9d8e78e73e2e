"""Rolling the dice for a name to register with."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue

from chatpop.accounts.forms import RegistrationForm
from chatpop.accounts.refusals import AlreadyMember
from chatpop.accounts.views.name_field import NameField, present_field
from chatpop.core.errors import DomainError
from chatpop.identity.recognition import present_viewer
from chatpop.identity.rollers import present_roll
from chatpop.names.rolling import RollsUsedUp
from chatpop.settings import registry
from chatpop.web.wants import wants

bp = Blueprint("registration_rolls", __name__)


@bp.post("/register/dice-rolls")
def create() -> ResponseReturnValue:
    """The name field with the rolled name; without scripts the whole form, so that nothing typed is lost."""
    form = RegistrationForm(request.form)
    if present_viewer().tier == "member":
        raise AlreadyMember
    try:
        form.username.data = present_roll(None).username
    except RollsUsedUp as refusal:
        shown = replace(present_field(), remaining=0, wait_seconds=refusal.retry_after)
        return _answer(form, shown, refusal)
    return _answer(form, present_field())


def _answer(form: RegistrationForm, shown: NameField, refusal: DomainError | None = None) -> ResponseReturnValue:
    if refusal is not None and wants() == "json":
        raise refusal
    template = "accounts/_username.html" if wants() == "fragment" else "accounts/registration.html"
    least = registry.PASSWORD_MIN_LENGTH.get()
    page = render_template(template, form=form, name_field=shown, min_length=least, rolled=refusal is None)
    response = make_response(page, refusal.status if refusal else 200)
    if refusal is not None and refusal.retry_after is not None:
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response
