"""Registering, and upgrading a guest: the same form."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from chatpop.accounts import registration, upgrade
from chatpop.accounts.forms import RegistrationForm
from chatpop.accounts.refusals import AlreadyMember, NotAccepted, NotProven
from chatpop.accounts.registration import Applicant, Draft
from chatpop.accounts.views.answers import answer, refuse
from chatpop.accounts.views.known_browsers import remember_browser
from chatpop.accounts.views.name_field import MOST_LENGTH, present_field
from chatpop.core.errors import DomainError
from chatpop.core.texts import text
from chatpop.identity import cookies, recognition
from chatpop.identity.models import User
from chatpop.identity.recognition import present_session_id, present_viewer
from chatpop.identity.viewer import Viewer
from chatpop.names import availability
from chatpop.settings import registry
from chatpop.web.client_address import client_address, network_buckets
from chatpop.web.htmx import go
from chatpop.web.saying import flash

bp = Blueprint("registrations", __name__)

HOUR = 3600


@bp.get("/register")
def new() -> ResponseReturnValue:
    viewer = present_viewer()
    if viewer.tier == "member":
        return go("/")
    chosen = request.args.get("username", "")[:MOST_LENGTH]
    form = RegistrationForm(username=chosen or viewer.name)
    if viewer.user is not None and not chosen:
        flash(text("The registration form has been pre-filled with your username, change it if you wish."))
    return answer_page(form, chosen)


@bp.post("/register")
def create() -> ResponseReturnValue:
    viewer, form = present_viewer(), RegistrationForm(request.form)
    if viewer.tier == "member":
        raise AlreadyMember
    if viewer.user is not None and not recognition.is_proven():
        raise NotProven
    if not form.validate():
        return answer("registration", form, 422, name_field=present_field(), min_length=_min_length())
    draft = Draft(form.username.data or "", form.email.data or "", form.password.data or "")
    try:
        return _register(draft, viewer) if viewer.user is None else _upgrade(viewer.user, draft, viewer)
    except DomainError as refusal:
        return _refuse(form, draft, refusal)


def answer_page(form: RegistrationForm, chosen: str | None = None) -> ResponseReturnValue:
    """The whole page, to HTMX too: a page's address is always a page."""
    return render_template(
        "accounts/registration.html", form=form, name_field=present_field(chosen), min_length=_min_length()
    )


def _register(draft: Draft, viewer: Viewer) -> ResponseReturnValue:
    registration.register(draft, _applicant(viewer))
    flash(text("Registration successful! Please log in."))
    return go(url_for("logins.new"))


def _upgrade(guest: User, draft: Draft, viewer: Viewer) -> ResponseReturnValue:
    upgraded = upgrade.upgrade(guest, draft, _applicant(viewer), present_session_id())
    cookies.clear(cookies.Kind.DEVICE, cookies.Kind.VISITOR)
    recognition.log_in(upgraded.user, upgraded.credentials)
    remember_browser(upgraded.user)
    flash(text("Your account is upgraded."))
    return go("/")


def _refuse(form: RegistrationForm, draft: Draft, refusal: DomainError) -> ResponseReturnValue:
    is_taken = isinstance(refusal, NotAccepted) and refusal.fields.get("username") == availability.TAKEN
    name_field = present_field(taken=draft.username if is_taken else None)
    return refuse("registration", form, refusal, name_field=name_field, min_length=_min_length())


def _applicant(viewer: Viewer) -> Applicant:
    address, amount = client_address(), registry.MAX_REGISTRATIONS_PER_NETWORK.get()
    return Applicant(
        viewer=viewer,
        address=address,
        made=network_buckets("registrations", address, amount, HOUR),
        told=network_buckets("registration-refusals", address, amount, HOUR),
    )


def _min_length() -> int:
    return registry.PASSWORD_MIN_LENGTH.get()
