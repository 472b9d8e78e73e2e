"""Deleting one's own account."""

from __future__ import annotations

from flask import Blueprint, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue

from chatpop.accounts.forms import add_errors
from chatpop.accounts.views.owners import the_owner
from chatpop.core.errors import DomainError
from chatpop.core.texts import text
from chatpop.identity import cookies, devices, recognition
from chatpop.identity.cookies import Kind
from chatpop.identity.models import User
from chatpop.lifecycle import confirming, deletion, offering
from chatpop.lifecycle.forms import FATES, DeletionForm
from chatpop.lifecycle.jobs import exports_folder
from chatpop.lifecycle.models import MessageFate
from chatpop.web.auth import require_user
from chatpop.web.htmx import go
from chatpop.web.saying import flash
from chatpop.web.wants import wants

bp = Blueprint("deletions", __name__)


@bp.get("/account/deletion")
@require_user
def new() -> ResponseReturnValue:
    return _answer(the_owner(), DeletionForm(messages=MessageFate.KEEP.value))


@bp.post("/account/deletion")
@require_user
def create() -> ResponseReturnValue:
    user, form = the_owner(), DeletionForm(request.form)
    if not form.validate():
        return _answer(user, form, 422)
    try:
        confirming.confirm(user, form.password.data or "", form.username.data or "", current_app.config["CHATPOP"])
    except DomainError as refusal:
        return _refuse(user, form, refusal)
    deletion.delete_account(user, MessageFate(form.messages.data), exports_folder())
    _forget_browser()
    flash(text("Your account is deleted."))
    return go("/")


def _forget_browser() -> None:
    """The browser is nobody's, or the guest's that it was before the member logged in."""
    secret = cookies.read(Kind.DEVICE)
    guest = offering.find_guest(device_secret=secret)
    recognition.log_out()
    if secret is not None and guest is not None:
        cookies.put(Kind.DEVICE, secret, devices.cookie_seconds())


def _refuse(user: User, form: DeletionForm, refusal: DomainError) -> ResponseReturnValue:
    if wants() == "json":
        raise refusal
    notice = None
    if isinstance(refusal, confirming.WrongPassword | confirming.WrongName):
        add_errors(form, {"password" if user.password_hash else "username": refusal.sentence})
    else:
        notice = refusal
    response = make_response(_answer(user, form, refusal.status, notice))
    if refusal.retry_after is not None:
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def _answer(
    user: User, form: DeletionForm, status: int = 200, notice: DomainError | None = None
) -> ResponseReturnValue:
    template = "lifecycle/_deletion.html" if wants() == "fragment" and status != 200 else "lifecycle/deletion.html"
    return render_template(template, user=user, form=form, fates=FATES, notice=notice), status
