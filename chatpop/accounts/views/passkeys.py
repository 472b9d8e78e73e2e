"""Passkeys: asked for and answered by the page's script, which talks JSON; removed by a form."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, jsonify, url_for
from flask.typing import ResponseReturnValue

from chatpop.accounts import passkeys
from chatpop.accounts.refusals import AlreadyMember
from chatpop.accounts.views.owners import the_owner
from chatpop.accounts.views.relying_party import present_rp
from chatpop.core import limits
from chatpop.core.texts import text
from chatpop.identity import cookies, recognition
from chatpop.identity.recognition import present_session_id
from chatpop.identity.returners import network_tries, present_browser, settle_back
from chatpop.web.auth import require_user
from chatpop.web.htmx import go
from chatpop.web.json_body import BadBody, json_object
from chatpop.web.saying import flash

bp = Blueprint("passkeys", __name__)
MAX_QUESTIONS, QUESTION_WINDOW = 60, 5 * 60
"""So many challenges one network may ask for in so many seconds; each is a row for five minutes."""


@bp.post("/passkeys/offers")
@require_user
def offer() -> ResponseReturnValue:
    """The options for making a passkey; with ``{"upgrade": true}`` one that may replace a guest's."""
    user = the_owner()
    anew = bool(json_object(optional=True).get("upgrade"))
    return _json(passkeys.offer(user, present_rp(), current_app.config["CHATPOP"], anew=anew))


@bp.post("/passkeys")
@require_user
def create() -> ResponseReturnValue:
    key = passkeys.add(the_owner(), _answer(), present_rp(), present_browser().label)
    flash(text("Your passkey is kept. It brings you back on any device that knows it."))
    return jsonify(label=key.label, location=url_for("ways_back.index")), 201


@bp.post("/passkeys/upgrades")
@require_user
def upgrade() -> ResponseReturnValue:
    """Become a member by a passkey alone."""
    guest, browser = the_owner(), present_browser()
    if guest.is_registered:
        raise AlreadyMember
    upgraded = passkeys.upgrade_with_passkey(guest, _answer(), present_rp(), browser, present_session_id())
    cookies.clear(cookies.Kind.DEVICE, cookies.Kind.VISITOR)
    recognition.log_in(upgraded.user, upgraded.credentials)
    flash(text("Your account is upgraded."))
    return jsonify(location="/")


@bp.post("/passkeys/questions")
def ask() -> ResponseReturnValue:
    """The options for signing in."""
    limits.spend(network_tries("passkey-questions", MAX_QUESTIONS, QUESTION_WINDOW), without_redis=True)
    return _json(passkeys.ask(present_rp()))


@bp.post("/passkeys/sign-ins")
def sign_in() -> ResponseReturnValue:
    welcome = passkeys.sign_in(_answer(), present_rp(), present_browser(), current_app.config["CHATPOP"])
    settle_back(welcome)
    flash(text("Welcome back, %(username)s.", username=welcome.user.username))
    return jsonify(location="/")


@bp.post("/passkeys/<int:passkey_id>/deletion")
@require_user
def destroy(passkey_id: int) -> ResponseReturnValue:
    passkeys.remove(the_owner(), passkey_id)
    flash(text("The passkey is removed. Delete it on your device too."))
    return go(url_for("ways_back.index"))


def _answer() -> dict[str, Any]:
    """What the authenticator said, under ``credential``. Raises ``BadBody``."""
    credential = json_object().get("credential")
    if not isinstance(credential, dict):
        raise BadBody(text("The field credential is required and must be an object."))
    return credential


def _json(text: str) -> Response:
    return Response(text, mimetype="application/json")
