"""Kicks: ending somebody's place in a room; they may come back."""

from __future__ import annotations

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from chatpop.core.texts import text
from chatpop.rooms.moderation import kicking, persons
from chatpop.rooms.views.acting import done, person_page
from chatpop.rooms.views.loading import the_room_to_look_after

bp = Blueprint("kicks", __name__)


@bp.post("/rooms/<code>/people/<tag>/kick")
def create(code: str, tag: str) -> ResponseReturnValue:
    room, user = the_room_to_look_after(code)
    person = persons.find(room, tag)
    kicking.kick(room, user, person)
    sentence = text("%(name)s is out of the room and may come back.", name=person.name)
    return done(
        sentence,
        url_for("rooms.show", code=room.code),
        lambda: person_page(room, person, sentence),
    )
