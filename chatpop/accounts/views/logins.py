"""Logging in by name or e-mail."""

from __future__ import annotations

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue

from chatpop.accounts import sessions
from chatpop.accounts.forms import LoginForm
from chatpop.accounts.sessions import Claim, LoginFailed
from chatpop.accounts.throttle import NETWORK_WINDOW
from chatpop.accounts.views.answers import answer, refuse
from chatpop.accounts.views.known_browsers import present_browser, remember_browser
from chatpop.core.errors import DomainError
from chatpop.identity import cookies, recognition
from chatpop.identity.recognition import present_viewer
from chatpop.identity.tokens import Audience
from chatpop.settings import registry
from chatpop.web.client_address import client_address, network_buckets
from chatpop.web.htmx import go
from chatpop.web.redirects import next_path

bp = Blueprint("logins", __name__)


@bp.get("/login")
def new() -> ResponseReturnValue:
    if present_viewer().tier == "member":
        return go(next_path())
    return answer("login", LoginForm(), next=next_path())


@bp.post("/login")
def create() -> ResponseReturnValue:
    form = LoginForm(request.form)
    if not form.validate():
        return answer("login", form, 422, next=next_path())
    try:
        found = sessions.log_in(_claim(form), current_app.config["CHATPOP"], Audience.PAGES)
    except DomainError as refusal:
        status = 422 if isinstance(refusal, LoginFailed) else None
        return refuse("login", form, refusal, status, next=next_path())
    cookies.clear(cookies.Kind.VISITOR)
    recognition.log_in(found.user, found.credentials)
    remember_browser(found.user)
    return go(next_path())


def _claim(form: LoginForm) -> Claim:
    address = client_address()
    amount = registry.MAX_LOGIN_FAILURES_PER_NETWORK.get()
    return Claim(
        identifier=form.username.data or "",
        password=form.password.data or "",
        networks=network_buckets("login-failures", address, amount, NETWORK_WINDOW),
        address=address,
        browser=present_browser(),
    )
