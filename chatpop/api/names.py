"""The public JSON calls of the name system (DESIGN section 7). Texts here are never translated."""

from __future__ import annotations

from flask import Blueprint, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from chatpop.identity.checkers import present_check
from chatpop.identity.newcomers import present_newcomer, settle
from chatpop.identity.recognition import present_viewer
from chatpop.identity.rollers import present_roll
from chatpop.rooms import joining, naming
from chatpop.rooms.views.class_passes import pass_guests
from chatpop.rooms.views.loading import the_room
from chatpop.rooms.views.rolling import roll_in, the_way_in
from chatpop.web.json_body import BadBody, json_object, text_field

bp = Blueprint("api_names", __name__, url_prefix="/api")


@bp.post("/chats/<code>/suggest-username/")
def suggest_in_room(code: str) -> ResponseReturnValue:
    """A fresh name, held for the caller; counted for the room as well."""
    room = the_way_in(code)
    _fingerprint(json_object(optional=True))
    rolled = roll_in(room)
    return jsonify(username=rolled.username, remaining=rolled.remaining)


@bp.post("/chats/<code>/validate-username/")
def validate_in_room(code: str) -> ResponseReturnValue:
    """Whether the caller could use a name in this room; looks only."""
    room, viewer = the_room(code), present_viewer()
    username = text_field(json_object(), "username")
    answer = present_check(username)
    if answer.is_refused:
        return jsonify(available=False, username=username, error=answer.message), 400
    return jsonify(
        available=answer.available,
        username=username,
        in_use_in_chat=naming.is_in_use(room.id, username, but_for=viewer.user),
        reserved_by_other=answer.is_reserved_by_other,
        has_reserved_badge=answer.is_own_account_name,
        message=answer.message,
    )


@bp.post("/chats/<code>/join/")
def join(code: str) -> ResponseReturnValue:
    """Join a room under a name that the caller holds or owns; makes the guest of a visitor."""
    room, viewer = the_room(code), present_viewer()
    body = json_object()
    username = text_field(body, "username")
    newcomer = present_newcomer(viewer, _fingerprint(body), pass_guests(room))
    joined = joining.join(room, viewer, username, newcomer, current_app.config["CHATPOP"])
    if joined.welcome is not None:
        settle(joined.welcome)
    status = 200 if joined.is_returning else 201
    return jsonify(username=joined.participation.name, room=room.code, is_returning=joined.is_returning), status


@bp.get("/accounts/check-username/")
def check() -> ResponseReturnValue:
    """Whether the caller could register a name; looks only."""
    username = request.args.get("username", "")
    if not username.strip():
        return jsonify(available=False, message="Username is required"), 400
    answer = present_check(username)
    return jsonify(available=answer.available, message=answer.message), 400 if answer.is_refused else 200


@bp.post("/accounts/suggest-username/")
def suggest() -> ResponseReturnValue:
    """A fresh name for a new account, without a room."""
    _fingerprint(json_object(optional=True))
    rolled = present_roll(None)
    return jsonify(username=rolled.username, remaining=rolled.remaining)


def _fingerprint(body: dict[str, object]) -> str | None:
    """What the browser says of itself: kept as evidence once a guest exists, opens nothing."""
    value = body.get("fingerprint")
    if value is not None and not isinstance(value, str):
        raise BadBody("The field fingerprint must be a text.")
    return value.replace("\x00", "") if value else None
