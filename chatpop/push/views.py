"""Switching the telling on and off in one browser: asked for by the page's script, which talks JSON."""

from __future__ import annotations

from flask import Blueprint, Flask, current_app, flash, jsonify, redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from chatpop.core.errors import DomainError, LoginRequired
from chatpop.core.texts import text
from chatpop.identity.models import User
from chatpop.identity.recognition import is_proven, present_session_id, present_viewer
from chatpop.identity.returners import present_browser
from chatpop.push import keys, subscriptions
from chatpop.push.models import PushSubscription
from chatpop.web.auth import require_user
from chatpop.web.json_body import BadBody, json_object, text_field

bp = Blueprint("push", __name__)
DEVICES = "/account/devices"


class NotProven(DomainError):
    """A browser whose headers alone were recognised may be a stranger's."""

    status, code = 403, "not_proven"
    sentence = "This browser was recognised by its kind alone. Come back with a code, or register, first."


@bp.get("/push/key")
@require_user
def show_key() -> ResponseReturnValue:
    """The site's public key, which a subscription is bound to."""
    return jsonify(key=keys.public_key(current_app.config["CHATPOP"]))


@bp.post("/push/subscriptions")
@require_user
def create() -> ResponseReturnValue:
    """A browser's own form of a subscription, as its ``toJSON`` gives it."""
    user, session_id = _user()
    if not is_proven():
        raise NotProven
    sent = json_object()
    held = sent.get("keys")
    if not isinstance(held, dict):
        raise BadBody(text("The field keys is required and must be an object."))
    endpoint, p256dh, auth = text_field(sent, "endpoint"), text_field(held, "p256dh"), text_field(held, "auth")
    draft = subscriptions.read(endpoint, p256dh, auth, current_app.config["CHATPOP"])
    row = subscriptions.subscribe(user, session_id, draft, present_browser().label)
    return jsonify(id=row.id), 201


@bp.post("/push/subscriptions/end")
@require_user
def destroy_here() -> ResponseReturnValue:
    """This browser wants to be told no more."""
    user, _session_id = _user()
    subscriptions.unsubscribe(user, text_field(json_object(), "endpoint"))
    return "", 204


@bp.post("/push/subscriptions/<int:subscription_id>/end")
@require_user
def destroy(subscription_id: int) -> ResponseReturnValue:
    """One of the list, from whatever browser."""
    user, _session_id = _user()
    subscriptions.end(user, subscription_id)
    flash(_("That browser is told no more."))
    return redirect(DEVICES, 303)


def told_browsers() -> list[PushSubscription]:
    """For templates: the browsers of the present viewer that are told."""
    user = present_viewer().user
    return list(subscriptions.of(user)) if user is not None else []


def is_told_here() -> bool:
    """For templates: whether the present browser is told."""
    user = present_viewer().user
    return user is not None and subscriptions.is_told(user, present_session_id())


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    app.jinja_env.globals.update(told_browsers=told_browsers, is_told_here=is_told_here)


def _user() -> tuple[User, int]:
    user, session_id = present_viewer().user, present_session_id()
    if user is None or session_id is None:
        raise LoginRequired
    return user, session_id
