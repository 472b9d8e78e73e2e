"""The pinned message of a room: putting one up, taking it down."""

from __future__ import annotations

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from chatpop.core.texts import text
from chatpop.rooms.models import Room
from chatpop.rooms.moderation import persons, pinning
from chatpop.rooms.views.acting import done, message_page
from chatpop.rooms.views.loading import parse_number, the_room_to_look_after

bp = Blueprint("pins", __name__)


@bp.post("/rooms/<code>/messages/<seq>/pin")
def create(code: str, seq: str) -> ResponseReturnValue:
    room, user = the_room_to_look_after(code)
    number = parse_number(seq)
    return _answer(pinning.pin(room, user, number), number, text("The message is pinned on top of the room."))


@bp.post("/rooms/<code>/messages/<seq>/pin/end")
def destroy(code: str, seq: str) -> ResponseReturnValue:
    room, user = the_room_to_look_after(code)
    number = parse_number(seq)
    return _answer(pinning.unpin(room, user, number), number, text("The message is pinned no more."))


def _answer(room: Room, seq: int, sentence: str) -> ResponseReturnValue:
    path = url_for("rooms.show", code=room.code)
    return done(sentence, path, lambda: message_page(room, persons.message(room, seq), sentence))
