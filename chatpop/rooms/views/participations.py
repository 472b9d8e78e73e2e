"""Joining and leaving a room."""

from __future__ import annotations

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from chatpop.core import ids
from chatpop.core.errors import DomainError
from chatpop.identity.bans import Banned
from chatpop.identity.newcomers import present_newcomer, settle
from chatpop.identity.recognition import present_viewer
from chatpop.rooms import finding, joining
from chatpop.rooms.models import Participation, Room
from chatpop.rooms.moderation import roles, speaking
from chatpop.rooms.moderation.speaking import ClosedToGuests
from chatpop.rooms.tags import author_tag
from chatpop.rooms.views.class_passes import pass_guests
from chatpop.rooms.views.loading import the_place, the_room
from chatpop.rooms.views.panel import answer_closed, answer_panel, present_panel, refuse
from chatpop.web.htmx import go, trigger
from chatpop.web.wants import wants

bp = Blueprint("participations", __name__)


@bp.get("/rooms/<code>/join")
def new(code: str) -> ResponseReturnValue:
    """The join panel: a fragment for the modal, else a page of its own."""
    room, viewer = the_room(code), present_viewer()
    if finding.find_participation(room.id, viewer.user) is not None:
        return go(url_for("rooms.show", code=room.code))
    if speaking.is_shut_out(room, viewer.user) and not roles.role_of(room, viewer.user).looks_after:
        return answer_closed(room)
    return answer_panel(room, present_panel(viewer))


@bp.post("/rooms/<code>/participation")
def create(code: str) -> ResponseReturnValue:
    room, viewer = the_room(code), present_viewer()
    name = request.form.get("username", "")
    try:
        newcomer = present_newcomer(viewer, in_place_of_network=pass_guests(room))
        joined = joining.join(room, viewer, name, newcomer, current_app.config["CHATPOP"])
    except DomainError as refusal:
        if wants() == "json" or isinstance(refusal, Banned):
            raise
        if isinstance(refusal, ClosedToGuests):
            return answer_closed(room, refusal.status)
        return refuse(room, viewer, refusal)
    if joined.welcome is not None:
        settle(joined.welcome)
    if wants() == "fragment":
        return _joined(room, joined.participation)
    return redirect(url_for("rooms.show", code=room.code), 303)


@bp.post("/rooms/<code>/departure")
def destroy(code: str) -> ResponseReturnValue:
    room = the_room(code)
    user, _ = the_place(room)
    joining.leave(room, user)
    return go(url_for("rooms.show", code=room.code) if not room.is_private else url_for("rooms.index"))


def _joined(room: Room, place: Participation) -> ResponseReturnValue:
    """The composer in the panel's place, and word to the page's scripts of who its reader is now."""
    tag = author_tag(room, place)
    response = make_response(
        render_template("rooms/_joined.html", room=room, participation=place, me_tag=tag, client_id=ids.short_token())
    )
    return trigger(response, "joined", {"me": tag, "name": place.name})
