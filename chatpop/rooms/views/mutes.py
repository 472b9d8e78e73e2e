"""Mutes: silencing somebody in a room for a time, and letting them speak again."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from chatpop.core.texts import text
from chatpop.rooms.moderation import muting, persons
from chatpop.rooms.views.acting import done, person_page, settings_path
from chatpop.rooms.views.loading import the_room_to_look_after

bp = Blueprint("mutes", __name__)


@bp.post("/rooms/<code>/people/<tag>/mute")
def create(code: str, tag: str) -> ResponseReturnValue:
    room, user = the_room_to_look_after(code)
    length = request.form.get("length", "")
    muting.mute(room, user, persons.find(room, tag), length, request.form.get("reason", ""))
    person = persons.find(room, tag)
    sentence = text("%(name)s is muted for %(value)s.", name=person.name, value=muting.LENGTHS[length][0])
    return done(sentence, url_for("people.show", code=room.code, tag=tag), lambda: person_page(room, person, sentence))


@bp.post("/rooms/<code>/mutes/<int:mute_id>/end")
def destroy(code: str, mute_id: int) -> ResponseReturnValue:
    room, user = the_room_to_look_after(code)
    ended = muting.unmute(room, user, mute_id)
    sentence = text("%(shown_name)s may write again.", shown_name=ended.shown_name)
    return done(sentence, settings_path(room), lambda: render_template("rooms/_done.html", room=room, done=sentence))
