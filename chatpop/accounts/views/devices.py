"""How we know you: the browsers that are let in, what is kept as evidence, and forgetting."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template, url_for
from flask.typing import ResponseReturnValue

from chatpop.accounts import browsers
from chatpop.accounts.views.owners import the_owner, the_user
from chatpop.core.texts import text
from chatpop.identity import cookies, recognition
from chatpop.identity.cookies import Kind
from chatpop.identity.recognition import is_proven, present_session_id
from chatpop.settings import registry
from chatpop.web.auth import require_user
from chatpop.web.htmx import go
from chatpop.web.saying import flash

bp = Blueprint("devices", __name__)


@bp.get("/account/devices")
@require_user
def index() -> ResponseReturnValue:
    user = the_user()
    return render_template(
        "returning/devices.html",
        browsers=browsers.known(user, present_session_id()),
        user=user,
        is_proven=is_proven(),
        policy=current_app.config["CHATPOP"].guest_recognition,
        evidence_days=registry.EVIDENCE_RETENTION_DAYS.get(),
        abandonment_days=registry.UNREGISTERED_ACCOUNT_ABANDONMENT_DAYS.get(),
    )


@bp.post("/account/devices/<int:browser_id>/revocation")
@require_user
def destroy(browser_id: int) -> ResponseReturnValue:
    browsers.revoke(the_owner(), browser_id)
    flash(text("That device is forgotten."))
    return go(url_for("devices.index"))


@bp.post("/account/devices/forgetting")
@require_user
def forget() -> ResponseReturnValue:
    """Really forget this browser: its device, its session and its cookies (SECURITY, row 11)."""
    browsers.forget(present_session_id(), cookies.read(Kind.DEVICE))
    recognition.log_out()
    flash(text("This device is forgotten. Whoever comes next is a visitor."))
    return go("/")
