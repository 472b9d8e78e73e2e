"""Rooms: finding one, going in, handing it over, deleting it."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from chatpop.admin.present import the_admin, whole_number
from chatpop.core.errors import DomainError
from chatpop.core.texts import text
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity import audit
from chatpop.rooms import ending, overview
from chatpop.rooms.finding import RoomNotFound
from chatpop.rooms.models import Room
from chatpop.rooms.views.loading import remember_invite
from chatpop.web.saying import flash

bp = Blueprint("rooms", __name__, url_prefix="/rooms")


class WrongCode(DomainError):
    status, code, sentence = 422, "wrong_code", "This is not the room's code. Nothing was deleted."


@bp.get("")
def index() -> ResponseReturnValue:
    query = request.args.get("q", "").strip()[:60]
    return render_template("admin/rooms/index.html", page=overview.page(query, whole_number("below")), query=query)


@bp.get("/<code>")
def show(code: str) -> ResponseReturnValue:
    return _page(_room(code))


@bp.post("/<code>/visits")
def visit(code: str) -> ResponseReturnValue:
    """Go in, into a private room too: written down, and for this browser alone."""
    room = _room(code)
    with transaction() as session:
        audit.record(session, "room_visited", actor=the_admin(), room_id=room.id, private=room.is_private)
    answer = redirect(url_for("rooms.show", code=room.code), 303)
    return remember_invite(room, answer) if room.is_private else answer


@bp.post("/<code>/host")
def hand_over(code: str) -> ResponseReturnValue:
    room = _room(code)
    try:
        name = ending.hand_over(room, request.form.get("tag", ""), by=the_admin())
    except DomainError as refusal:
        return _page(room, refusal), refusal.status
    flash(text("%(name)s hosts %(name2)s now.", name=name, name2=room.name))
    return redirect(url_for("admin.rooms.show", code=room.code), 303)


@bp.post("/<code>/deletion")
def destroy(code: str) -> ResponseReturnValue:
    """The code, typed once more, is the confirmation."""
    room = _room(code)
    if request.form.get("code", "").strip().upper() != room.code:
        return _page(room, WrongCode()), WrongCode.status
    name = ending.delete_room(room.id, by=the_admin())
    flash(text("%(name)s is deleted with everything that was said in it.", name=name))
    return redirect(url_for("admin.rooms.index"), 303)


def _room(code: str) -> Room:
    """Any room: what admins look after is not found through what they may see. Raises ``RoomNotFound``."""
    room: Room | None = db.session.scalar(select(Room).where(Room.code == code.upper()))
    if room is None:
        raise RoomNotFound
    return room


def _page(room: Room, refusal: DomainError | None = None) -> str:
    return render_template(
        "admin/rooms/show.html", one=overview.summary(room), people=overview.inhabitants(room), refusal=refusal
    )
