"""The first room of a new site: its first admin opens it, says welcome, and gets the link to hand on."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from wtforms import StringField
from wtforms.validators import Length

from chatpop.admin.present import the_admin
from chatpop.core import ids
from chatpop.core.errors import DomainError
from chatpop.core.texts import text
from chatpop.identity.newcomers import present_newcomer
from chatpop.identity.recognition import present_viewer
from chatpop.rooms import finding, overview, posting
from chatpop.rooms.forms import RoomForm
from chatpop.rooms.models import BODY_LIMIT, Room
from chatpop.rooms.moderation import pinning, roles
from chatpop.rooms.opening import Draft, open_room
from chatpop.rooms.views.invites import share_of

bp = Blueprint("first_room", __name__, url_prefix="/first-room")


class FirstRoomForm(RoomForm):
    """A room, and a line that stays on top of it."""

    welcome = StringField(
        text("Welcome line"),
        validators=[
            Length(max=BODY_LIMIT, message=text("At most %(body_limit)s characters.", body_limit=f"{BODY_LIMIT:,}"))
        ],
    )


@bp.get("")
def new() -> ResponseReturnValue:
    return _form(FirstRoomForm())


@bp.post("")
def create() -> ResponseReturnValue:
    form, viewer = FirstRoomForm(request.form), present_viewer()
    if not form.validate():
        return _form(form), 422
    draft = Draft(form.name.data or "", form.topic.data or "", form.visibility.data)
    try:
        room = open_room(draft, viewer, present_newcomer(viewer), current_app.config["CHATPOP"]).room
    except DomainError as refusal:
        return _form(form, refusal), refusal.status
    _say(room, form.welcome.data or "")
    return redirect(url_for("admin.first_room.show", code=room.code), 303)


@bp.get("/<code>")
def show(code: str) -> ResponseReturnValue:
    """The link and its QR code."""
    admin = the_admin()
    room = finding.find_room(code, admin)
    role = roles.role_of(room, admin)
    return render_template("admin/first_room/show.html", room=room, share=share_of(room), role=role)


def wants_first_room() -> bool:
    """For templates: whether the present viewer is an admin on a site without rooms."""
    return current_user.is_authenticated and current_user.is_admin and overview.is_site_empty()


def _say(room: Room, welcome: str) -> None:
    """The first message of the room, pinned; nothing where nothing was typed."""
    admin = the_admin()
    place = finding.find_participation(room.id, admin)
    if place is None or not welcome.strip():
        return
    posted = posting.post(room, admin, place, welcome, ids.short_token())
    pinning.pin(room, admin, posted.entry.seq)


def _form(form: FirstRoomForm, refusal: DomainError | None = None) -> str:
    return render_template("admin/first_room/new.html", form=form, refusal=refusal)
