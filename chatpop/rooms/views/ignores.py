"""Ignoring people in a room: doing it, the list of them, undoing it."""

from __future__ import annotations

from flask import Blueprint, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from chatpop.core.texts import text
from chatpop.identity.recognition import present_viewer
from chatpop.rooms import ignoring, tags
from chatpop.rooms.models import Room
from chatpop.rooms.report_models import Ignore
from chatpop.rooms.views.loading import the_place, the_room
from chatpop.web.htmx import go
from chatpop.web.saying import flash

bp = Blueprint("ignores", __name__)


@bp.get("/rooms/<code>/ignores")
def index(code: str) -> ResponseReturnValue:
    room = the_room(code)
    user, _ = the_place(room)
    return render_template("rooms/ignores/index.html", room=room, people=ignoring.ignored_in(room, user))


@bp.post("/rooms/<code>/ignores")
def create(code: str) -> ResponseReturnValue:
    room = the_room(code)
    user, _ = the_place(room)
    row = ignoring.ignore(room, user, request.form.get("tag", ""))
    flash(text("You don't see messages by %(name)s in this room any more.", name=row.name))
    return go(url_for("rooms.show", code=room.code))


@bp.post("/rooms/<code>/ignores/<tag>/end")
def destroy(code: str, tag: str) -> ResponseReturnValue:
    room = the_room(code)
    user, _ = the_place(room)
    ignoring.stop(room, user, tag)
    flash(text("You see this person's messages again."))
    return go(url_for("rooms.show", code=room.code))


def ignored_people(room: Room) -> list[Ignore]:
    """For templates: whom the present viewer ignores in the room; asked once a request."""
    known: dict[int, list[Ignore]] = g.setdefault("ignored_people", {})
    if room.id not in known:
        known[room.id] = list(ignoring.ignored_in(room, present_viewer().user))
    return known[room.id]


def stance(room: Room, tag: str) -> str:
    """For templates: ``self``, ``ignored`` or ``seen``, as the present viewer stands to a person."""
    user = present_viewer().user
    if user is not None and tags.own(room, user) == tag:
        return "self"
    return "ignored" if ignoring.is_ignored(room, user, tag) else "seen"
