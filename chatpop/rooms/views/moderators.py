"""Moderators of a room: appointing, dismissing, and making one the host."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from chatpop.core.texts import text
from chatpop.rooms.moderation import moderators, persons
from chatpop.rooms.views.acting import done, person_page, settings_path
from chatpop.rooms.views.loading import the_room_to_look_after

bp = Blueprint("moderators", __name__)


@bp.post("/rooms/<code>/people/<tag>/moderator")
def create(code: str, tag: str) -> ResponseReturnValue:
    room, user = the_room_to_look_after(code)
    moderators.promote(room, user, persons.find(room, tag))
    person = persons.find(room, tag)
    sentence = text("%(name)s looks after this room with you now.", name=person.name)
    return done(sentence, url_for("people.show", code=room.code, tag=tag), lambda: person_page(room, person, sentence))


@bp.post("/rooms/<code>/moderators/<int:moderator_id>/end")
def destroy(code: str, moderator_id: int) -> ResponseReturnValue:
    room, user = the_room_to_look_after(code)
    ended = moderators.demote(room, user, moderator_id)
    sentence = text("%(shown_name)s is no moderator any more.", shown_name=ended.shown_name)
    return done(sentence, settings_path(room), lambda: render_template("rooms/_done.html", room=room, done=sentence))


@bp.post("/rooms/<code>/moderators/<int:moderator_id>/host")
def hand_over(code: str, moderator_id: int) -> ResponseReturnValue:
    room, user = the_room_to_look_after(code)
    heir = moderators.hand_over(room, user, moderator_id)
    sentence = text("%(heir)s is the host of this room now.", heir=heir)
    path = url_for("rooms.show", code=room.code)
    return done(sentence, path, lambda: render_template("rooms/_done.html", room=room, done=sentence))
