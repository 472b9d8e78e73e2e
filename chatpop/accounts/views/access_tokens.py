"""The page of personal access tokens: making one for a program, and revoking it."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import Form, IntegerField, StringField
from wtforms.validators import Optional

from chatpop.core.errors import DomainError, LoginRequired
from chatpop.core.texts import text
from chatpop.identity import access_tokens
from chatpop.identity.access_tokens import BadLifetime, BadTokenName, Made
from chatpop.identity.models import User
from chatpop.identity.recognition import present_viewer
from chatpop.web.auth import require_member
from chatpop.web.htmx import go
from chatpop.web.saying import flash
from chatpop.web.wants import wants

bp = Blueprint("access_tokens", __name__)


class AccessTokenForm(Form):
    """A new token."""

    name = StringField(text("What is it for?"), render_kw={"maxlength": access_tokens.NAME_LIMIT, "required": True})
    expires_in_days = IntegerField(text("Days until it expires"), validators=[Optional()])


@bp.get("/account/tokens")
@require_member
def index() -> ResponseReturnValue:
    return _page(AccessTokenForm())


@bp.post("/account/tokens")
@require_member
def create() -> ResponseReturnValue:
    """The page with the new token on it: no redirect, because it is shown this once."""
    form = AccessTokenForm(request.form)
    if not form.validate():
        form.expires_in_days.errors = [BadLifetime.sentence]
        return _page(form, 422)
    try:
        made = access_tokens.make(_member(), form.name.data or "", form.expires_in_days.data)
    except DomainError as refusal:
        if wants() == "json":
            raise
        field = form.expires_in_days if isinstance(refusal, BadLifetime) else form.name
        field.errors = [refusal.sentence]
        return _page(form, BadTokenName.status)
    return _page(AccessTokenForm(), 201, made)


@bp.post("/account/tokens/<token_id>/revocation")
@require_member
def destroy(token_id: str) -> ResponseReturnValue:
    access_tokens.revoke(_member(), token_id)
    flash(text("The token is revoked."))
    return go(url_for("access_tokens.index"))


def _page(form: AccessTokenForm, status: int = 200, made: Made | None = None) -> ResponseReturnValue:
    found = access_tokens.tokens_of(_member())
    page = render_template("accounts/access_tokens.html", form=form, tokens=found, made=made)
    return make_response(page, status)


def _member() -> User:
    user = present_viewer().user
    if user is None:
        raise LoginRequired
    return user
