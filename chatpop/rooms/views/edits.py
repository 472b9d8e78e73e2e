"""Editing a message: the form, in the room's dialog or on its own page, and the edit itself."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from chatpop.core.errors import DomainError
from chatpop.rooms import editing
from chatpop.rooms.models import Room
from chatpop.rooms.views.answering import answer
from chatpop.rooms.views.loading import parse_number, the_place_to_write
from chatpop.web.json_body import json_object, text_field
from chatpop.web.wants import wants

bp = Blueprint("edits", __name__)


@bp.get("/rooms/<code>/messages/<seq>/edit")
def new(code: str, seq: str) -> ResponseReturnValue:
    room, user, place = the_place_to_write(code)
    message = editing.find(room, user, place, parse_number(seq))
    return _form(room, message.seq, message.body)


@bp.post("/rooms/<code>/messages/<seq>/edit")
def create(code: str, seq: str) -> ResponseReturnValue:
    room, user, place = the_place_to_write(code)
    body = text_field(json_object(), "body") if request.is_json else request.form.get("body", "")
    number = parse_number(seq)
    try:
        entry = editing.edit(room, user, place, number, body)
    except DomainError as refusal:
        if wants() != "page" or refusal.status == 404:
            raise
        return _form(room, number, body, refusal)
    return answer(entry, 200)


def _form(room: Room, seq: int, body: str, refusal: DomainError | None = None) -> ResponseReturnValue:
    template = "rooms/_edit.html" if wants() == "fragment" else "rooms/edit.html"
    error = refusal.sentence if refusal is not None else None
    page = render_template(template, room=room, seq=seq, body=body, error=error)
    headers = {"Retry-After": str(refusal.retry_after)} if refusal is not None and refusal.retry_after else {}
    return page, refusal.status if refusal is not None else 200, headers
