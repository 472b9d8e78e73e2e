"""Resume codes: making one, and coming back with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, current_app, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from chatpop.accounts.views.owners import the_owner
from chatpop.core.errors import DomainError
from chatpop.core.texts import text
from chatpop.identity import resume_codes, spelled_codes
from chatpop.identity.models import User
from chatpop.identity.returners import network_tries, present_browser, settle_back
from chatpop.web.auth import require_user
from chatpop.web.htmx import go
from chatpop.web.saying import flash
from chatpop.web.wants import wants

bp = Blueprint("resume_codes", __name__)
SHOWN_ONCE = "resume_code"
"""Carries a new code over the redirect after its making, in the browser's own signed cookie."""


@dataclass(frozen=True, slots=True)
class ShownCode:
    """What the page tells: ``code`` in groups and ``url`` right after it was made, else only when that was."""

    code: str | None
    url: str | None
    made_at: datetime | None


def present_code(user: User, code: str | None) -> ShownCode:
    grouped = spelled_codes.grouped(code) if code else None
    root = current_app.config["CHATPOP"].public_url or request.host_url.rstrip("/")
    # The code stands behind the "#": browsers send that part to nobody, so no log and no preview has it.
    url = f"{root}{url_for('resume_codes.edit')}#{grouped}" if grouped else None
    return ShownCode(grouped, url, resume_codes.made_at(user))


@bp.post("/resume-codes")
@require_user
def create() -> ResponseReturnValue:
    user = the_owner()
    code = resume_codes.make(user)
    if wants() == "fragment":
        return render_template("returning/_code.html", code=present_code(user, code))
    session[SHOWN_ONCE] = code
    return redirect(url_for("ways_back.index"), 303)


@bp.get("/resume")
def edit() -> ResponseReturnValue:
    """The form alone: looking at the link spends nothing (SECURITY, row 15)."""
    return render_template("returning/resume.html")


@bp.post("/resume")
def update() -> ResponseReturnValue:
    network = network_tries("resume-codes", resume_codes.TRIES, resume_codes.TRY_WINDOW)
    try:
        welcome = resume_codes.redeem(
            request.form.get("code", ""), present_browser(), network, current_app.config["CHATPOP"]
        )
    except DomainError as refusal:
        return refused("returning/resume.html", "returning/_resume_form.html", refusal)
    settle_back(welcome)
    flash(
        text(
            "Welcome back, %(username)s. That code is used up; make a new one for the next time.",
            username=welcome.user.username,
        )
    )
    return go(url_for("ways_back.index"))


def refused(page: str, fragment: str, refusal: DomainError) -> ResponseReturnValue:
    """The form again with the reason; JSON is refused as such."""
    form = wants()
    if form == "json":
        raise refusal
    response = make_response(render_template(fragment if form == "fragment" else page, notice=refusal), refusal.status)
    if refusal.retry_after is not None:
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response
