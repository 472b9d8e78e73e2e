"""Rooms: the home page, opening one, its page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from chatpop.core.errors import DomainError
from chatpop.identity.newcomers import present_newcomer, settle
from chatpop.identity.recognition import present_viewer
from chatpop.rooms import finding, history, reading
from chatpop.rooms.forms import RoomForm
from chatpop.rooms.live import live
from chatpop.rooms.models import Room
from chatpop.rooms.moderation import roles
from chatpop.rooms.opening import Draft, open_room
from chatpop.rooms.rendering import message_views, state_view
from chatpop.rooms.tags import author_tag
from chatpop.rooms.views.door import present_door_for
from chatpop.rooms.views.invites import share_of
from chatpop.rooms.views.loading import number_of, remember_invite, the_room
from chatpop.rooms.views.panel import DICE, present_panel
from chatpop.uploads.models import Upload
from chatpop.web.htmx import go

bp = Blueprint("rooms", __name__)


@dataclass(frozen=True, slots=True)
class RoomCard:
    """A room as the home page lists it."""

    code: str
    name: str
    topic: str
    is_private: bool
    people: int
    active_at: datetime
    unread: int = 0
    """Messages of others that the viewer has not seen, for a room they are in."""


@bp.get("/")
def index() -> ResponseReturnValue:
    return _home(RoomForm())


@bp.get("/rooms/new")
def new() -> ResponseReturnValue:
    return render_template("rooms/new.html", form=RoomForm())


@bp.get("/rooms/enter")
def enter() -> ResponseReturnValue:
    """Go to the room whose code was typed."""
    typed = request.args.get("code", "")
    try:
        room = the_room(typed)
    except finding.RoomNotFound as refusal:
        return _home(RoomForm(), code_error=refusal.sentence, entered_code=typed[:20]), 404
    return redirect(url_for("rooms.show", code=room.code), 303)


@bp.post("/rooms")
def create() -> ResponseReturnValue:
    form = RoomForm(request.form)
    viewer = present_viewer()
    if not form.validate():
        return render_template("rooms/new.html", form=form), 422
    draft = Draft(form.name.data or "", form.topic.data or "", form.visibility.data)
    try:
        opened = open_room(draft, viewer, present_newcomer(viewer), current_app.config["CHATPOP"])
    except DomainError as refusal:
        if refusal.status != 429:
            raise
        return _refused(form, refusal)
    if opened.welcome is not None:
        settle(opened.welcome)
    return go(url_for("rooms.show", code=opened.room.code))


@bp.get("/rooms/<code>")
def show(code: str) -> ResponseReturnValue:
    if "invite" in request.args:
        return _accept_invite(code)
    room = the_room(code)
    if code != room.code:
        return redirect(url_for("rooms.show", code=room.code), 301)
    return room_page(room)


def room_page(
    room: Room,
    *,
    refusal: DomainError | None = None,
    body: str = "",
    files: Sequence[Upload] = (),
    reply_to: int | None = None,
) -> ResponseReturnValue:
    """The room as it stands for the viewer; after a refusal with the reason, the text as it was typed, and the files
    that came with it. ``reply_to`` is the message that is being answered; else the address may name it.
    """
    viewer = present_viewer()
    place = finding.find_participation(room.id, viewer.user)
    before = _end_of_page(room) if refusal is None else None
    reply_to = number_of("reply") if reply_to is None else reply_to
    page = history.page(room, before=before)
    answer = render_template(
        "rooms/show.html",
        room=room,
        messages=message_views(page),
        older=page.older,
        is_latest=before is None,
        after=room.last_seq,
        me_tag=author_tag(room, place) if place else "",
        door=present_door_for(room, viewer, place, refusal=refusal, body=body, files=files, reply_to=reply_to),
        participation=place,
        presence=live.people(room.id),
        share=share_of(room),
        state=state_view(history.present_state(room)),
        is_host=viewer.user is not None and room.host_id == viewer.user.id,
        role=roles.role_of(room, viewer.user),
    )
    if place is not None and before is None:
        reading.arrive(room, place)
    headers = {"Retry-After": str(refusal.retry_after)} if refusal is not None and refusal.retry_after else {}
    return answer, refusal.status if refusal is not None else 200, headers


def _end_of_page(room: Room) -> int | None:
    """The number before which the page ends; None at the newest. ``around`` is a message that it is to show."""
    around = number_of("around")
    return number_of("before") if around is None else history.end_of_page_around(room.id, around)


def _home(form: RoomForm, code_error: str | None = None, entered_code: str = "") -> str:
    viewer = present_viewer()
    unread = reading.unread_of(viewer.user)
    return render_template(
        "rooms/index.html",
        rooms=_cards(finding.public_rooms(), {}),
        own_rooms=_cards(finding.rooms_of(viewer.user), unread),
        panel=present_panel(viewer, DICE),
        form=form,
        code_error=code_error,
        entered_code=entered_code,
    )


def _cards(found: Sequence[Room], unread: dict[int, int]) -> list[RoomCard]:
    counts = live.head_counts([room.id for room in found])
    return [
        RoomCard(
            room.code,
            room.name,
            room.topic,
            room.is_private,
            counts.get(room.id, 0),
            room.active_at,
            unread.get(room.id, 0),
        )
        for room in found
    ]


def _refused(form: RoomForm, refusal: DomainError) -> ResponseReturnValue:
    """The form again, with everything typed and the reason; the limit's wait in the header."""
    headers = {"Retry-After": str(refusal.retry_after)} if refusal.retry_after else {}
    return render_template("rooms/new.html", form=form, refusal=refusal.sentence), refusal.status, headers


def _accept_invite(code: str) -> ResponseReturnValue:
    """A private room's link: remember it for this room and go to the clean address."""
    room = finding.find_by_invite(code, request.args["invite"])
    clean = redirect(url_for("rooms.show", code=room.code), 303)
    return remember_invite(room, clean) if room.is_private else clean
