"""Messages of a room: reading older ones, writing, taking back."""

from __future__ import annotations

from flask import Blueprint, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from chatpop.core import ids
from chatpop.rooms import history, posting
from chatpop.rooms.models import Message, Room
from chatpop.rooms.rendering import message_view
from chatpop.rooms.views.loading import number_of, parse_number, the_place, the_room
from chatpop.web.htmx import go
from chatpop.web.json_body import json_object, text_field
from chatpop.web.wants import wants

bp = Blueprint("messages", __name__)


@bp.get("/rooms/<code>/messages")
def index(code: str) -> ResponseReturnValue:
    room = the_room(code)
    page = history.page(room.id, before=number_of("before"), after=number_of("after"))
    views = [message_view(message) for message in page.messages]
    return render_template("rooms/_messages.html", messages=views, older=page.older, code=room.code, room=room)


@bp.post("/rooms/<code>/messages")
def create(code: str) -> ResponseReturnValue:
    room = the_room(code)
    user, place = the_place(room)
    body, client_id = _sent()
    posted = posting.post(room, user, place, body, client_id)
    return _answer(room, posted.entry.message, 201 if posted.is_new else 200)


@bp.post("/rooms/<code>/messages/<seq>/deletion")
def destroy(code: str, seq: str) -> ResponseReturnValue:
    room = the_room(code)
    user, _ = the_place(room)
    return _answer(room, posting.delete(room, user, parse_number(seq)), 200)


def _sent() -> tuple[str, str]:
    """Body and client id, from a form or JSON; a form without a client id gets a fresh one."""
    if request.is_json:
        sent = json_object()
        return text_field(sent, "body"), text_field(sent, "client_id") if "client_id" in sent else ids.short_token()
    return request.form.get("body", ""), request.form.get("client_id") or ids.short_token()


def _answer(room: Room, message: Message, status: int) -> ResponseReturnValue:
    form = wants()
    if form == "json":
        return jsonify(seq=message.seq, client_id=message.client_id, created_at=message.created_at.isoformat()), status
    if form == "fragment":
        return render_template("rooms/_message.html", m=message_view(message), code=room.code), status
    return go(url_for("rooms.show", code=room.code, _anchor=f"message-{message.seq}"))
