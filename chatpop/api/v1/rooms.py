"""Rooms: listing, opening, looking at one, joining and leaving."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from chatpop.accounts.refusals import NotAccepted
from chatpop.api.v1 import schemas
from chatpop.api.v1.bearer import present_caller
from chatpop.api.v1.describing import describe, moment
from chatpop.api.v1.sent import json_body
from chatpop.identity.newcomers import present_newcomer
from chatpop.identity.viewer import Viewer
from chatpop.rooms import finding, joining, listing
from chatpop.rooms.forms import RoomForm
from chatpop.rooms.live import live
from chatpop.rooms.models import Room
from chatpop.rooms.opening import Draft, open_room
from chatpop.rooms.views.invites import share_of
from chatpop.web.json_body import text_field

bp = Blueprint("rooms", __name__)


@bp.get("/rooms")
@describe(
    "Public rooms and your own, newest first, 50 a page",
    query={"after": schemas.AFTER_ROOM},
    answers={200: "RoomList"},
    refusals=(404,),
)
def index() -> ResponseReturnValue:
    user, after = present_caller().user, request.args.get("after")
    found = listing.page(user, finding.find_room(after, user) if after is not None else None)
    counts, names = live.head_counts([room.id for room in found.rooms]), listing.names_in(found.rooms, user)
    shown = [_shown(room, counts.get(room.id, 0), names.get(room.id)) for room in found.rooms]
    return jsonify(rooms=shown, next=found.rooms[-1].code if found.more else None)


@bp.post("/rooms")
@describe(
    "Open a room; you are its host and in it under your account name",
    body=schemas.NEW_ROOM,
    answers={201: "Room"},
    refusals=(400, 413, 415, 422, 429),
)
def create() -> ResponseReturnValue:
    viewer, body = _viewer(), json_body()
    sent: dict[str, str] = {name: text_field(body, name) for name in ("name", "topic", "visibility") if name in body}
    form = RoomForm(MultiDict(sent))
    if not form.validate():
        raise NotAccepted({field.name: str(field.errors[0]) for field in form if field.errors})
    draft = Draft(form.name.data or "", form.topic.data or "", form.visibility.data)
    opened = open_room(draft, viewer, present_newcomer(viewer), current_app.config["CHATPOP"])
    return jsonify(_present(opened.room)), 201


@bp.get("/rooms/<code>")
@describe("One room; a private one only for those who are in it", answers={200: "Room"}, refusals=(404,))
def show(code: str) -> ResponseReturnValue:
    return jsonify(_present(finding.find_room(code, present_caller().user)))


@bp.post("/rooms/<code>/participation")
@describe(
    "Join under your account name, or another name of yours; a private room needs the invite of its link",
    body=schemas.JOINING,
    answers={201: "Joined", 200: "Joined"},
    refusals=(400, 404, 409, 413, 415),
)
def join(code: str) -> ResponseReturnValue:
    viewer, body = _viewer(), json_body()
    username = text_field(body, "username")
    if "invite" in body:
        room = finding.find_by_invite(code, text_field(body, "invite"))
    else:
        room = finding.find_room(code, viewer.user)
    joined = joining.join(room, viewer, username, present_newcomer(viewer), current_app.config["CHATPOP"])
    status = 200 if joined.is_returning else 201
    return jsonify(username=joined.participation.name, room=room.code, is_returning=joined.is_returning), status


@bp.delete("/rooms/<code>/participation")
@describe("Leave a room; leaving twice is leaving once", answers={204: None}, refusals=(404,))
def leave(code: str) -> ResponseReturnValue:
    user = present_caller().user
    joining.leave(finding.find_room(code, user), user)
    return "", 204


def _viewer() -> Viewer:
    return Viewer(present_caller().user, None)


def _present(room: Room) -> dict[str, Any]:
    names = listing.names_in([room], present_caller().user)
    return _shown(room, live.head_counts([room.id]).get(room.id, 0), names.get(room.id))


def _shown(room: Room, people: int, own_name: str | None) -> dict[str, Any]:
    return {
        "code": room.code,
        "name": room.name,
        "topic": room.topic,
        "visibility": room.visibility,
        "url": share_of(room).url,
        "people": people,
        "username": own_name,
        "is_host": room.host_id == present_caller().user.id,
        "created_at": moment(room.created_at),
        "active_at": moment(room.active_at),
    }
