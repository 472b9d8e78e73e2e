"""Bans from a room: the form that says whom else it would hit, placing, lifting."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as BaseResponse

from chatpop.core.errors import DomainError
from chatpop.core.texts import text
from chatpop.identity import bans
from chatpop.identity.bans import Banned
from chatpop.rooms.models import Room
from chatpop.rooms.moderation import banning, persons, roles
from chatpop.rooms.moderation.persons import Person
from chatpop.rooms.views.acting import done, settings_path
from chatpop.rooms.views.loading import the_room_to_look_after
from chatpop.web import errors
from chatpop.web.wants import wants

bp = Blueprint("room_bans", __name__)


@bp.get("/rooms/<code>/people/<tag>/ban")
def new(code: str, tag: str) -> ResponseReturnValue:
    room, user = the_room_to_look_after(code)
    person = persons.find(room, tag)
    if not roles.may_act_on(room, roles.role_of(room, user), user, person.user.id):
        raise roles.OutOfReach(text("You can't ban this person."))
    return _form(room, person)


@bp.post("/rooms/<code>/people/<tag>/ban")
def create(code: str, tag: str) -> ResponseReturnValue:
    room, user = the_room_to_look_after(code)
    person = persons.find(room, tag)
    length, kinds = request.form.get("length", ""), set(request.form.getlist("kinds"))
    try:
        banning.ban(room, user, person, length, kinds, request.form.get("reason", ""))
    except DomainError as refusal:
        if refusal.status != 422 or wants() == "json":
            raise
        return _form(room, persons.find(room, tag), refusal.sentence), 422
    sentence = text("%(name)s is banned from this room: %(value)s.", name=person.name, value=banning.LENGTHS[length][0])
    return done(sentence, settings_path(room), lambda: render_template("rooms/_done.html", room=room, done=sentence))


@bp.post("/rooms/<code>/bans/<int:ban_id>/end")
def destroy(code: str, ban_id: int) -> ResponseReturnValue:
    room, user = the_room_to_look_after(code)
    lifted = banning.unban(room, user, ban_id)
    sentence = text("The ban of %(shown_name)s is lifted.", shown_name=lifted.shown_name)
    return done(sentence, settings_path(room), lambda: render_template("rooms/_done.html", room=room, done=sentence))


def show_refusal(refusal: Banned) -> BaseResponse:
    """At the door: a state of the room for pages and fragments, the usual answer for programs."""
    form = wants()
    if form == "json":
        return errors.show(refusal)
    template = "rooms/_banned.html" if form == "fragment" else "rooms/banned.html"
    return make_response(render_template(template, refusal=refusal), refusal.status)


def _form(room: Room, person: Person, error: str | None = None) -> str:
    known = bans.evidence_of(person.user)
    return render_template(
        "rooms/_ban_form.html" if wants() == "fragment" else "rooms/ban.html",
        room=room,
        person=person,
        sharing=bans.sharing(person.user),
        has_device=known.fingerprint_hash is not None,
        has_network=known.network is not None,
        lengths=banning.LENGTHS,
        chosen=request.form.get("length", "1d"),
        kinds=request.form.getlist("kinds"),
        reason=request.form.get("reason", ""),
        error=error,
    )
