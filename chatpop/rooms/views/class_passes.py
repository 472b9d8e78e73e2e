"""Class passes: the host's page with the QR code, and the link that pupils open."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime

import segno
from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from chatpop.core.errors import LoginRequired
from chatpop.core.limits import Bucket
from chatpop.core.texts import text
from chatpop.identity import cookies
from chatpop.identity.models import User
from chatpop.identity.recognition import present_viewer
from chatpop.rooms import class_passes
from chatpop.rooms.class_passes import ClassPass
from chatpop.rooms.doorways import Doorway
from chatpop.rooms.models import Room
from chatpop.rooms.views.loading import remember_invite, the_room
from chatpop.settings import registry
from chatpop.web.client_address import client_address, network_buckets
from chatpop.web.htmx import go
from chatpop.web.saying import flash

bp = Blueprint("class_passes", __name__)


@dataclass(frozen=True, slots=True)
class PassView:
    """What the page shows of one pass."""

    id: int
    url: str
    qr_path: str
    expires_at: datetime


@bp.get("/rooms/<code>/class-passes")
def index(code: str) -> ResponseReturnValue:
    """The host's page: a pass with its QR code for the wall, and how to make and end one."""
    room, _ = _hosted(code)
    shown = [_view(room, found) for found in class_passes.in_force(room)]
    cap = registry.MAX_ROLLS_PER_CLASS_PASS.get()
    return render_template("rooms/class_passes.html", room=room, passes=shown, cap=cap)


@bp.post("/rooms/<code>/class-passes")
def create(code: str) -> ResponseReturnValue:
    room, host = _hosted(code)
    network = network_buckets("class-passes", client_address(), class_passes.PASSES_PER_HOUR, class_passes.HOUR)
    class_passes.make(room, host, network)
    return go(url_for("class_passes.index", code=room.code))


@bp.post("/rooms/<code>/class-passes/<int:pass_id>/end")
def destroy(code: str, pass_id: int) -> ResponseReturnValue:
    room, _ = _hosted(code)
    class_passes.end(room, pass_id)
    flash(text("The class pass has ended."))
    return go(url_for("class_passes.index", code=room.code))


@bp.get("/rooms/<code>/class-passes/<int:pass_id>/qr.svg")
def qr(code: str, pass_id: int) -> Response:
    room, _ = _hosted(code)
    found = class_passes.find(room.id, pass_id)
    if found is None:
        raise class_passes.PassNotFound
    out = io.BytesIO()
    segno.make_qr(_view(room, found).url, error="m").save(
        out, kind="svg", scale=10, border=3, dark="#111", light="#fff"
    )
    return Response(out.getvalue(), mimetype="image/svg+xml", headers={"Cache-Control": "private, no-store"})


@bp.get("/rooms/<code>/class-passes/<secret>")
def show(code: str, secret: str) -> ResponseReturnValue:
    """The link: this browser may use the pass from now on, and may see the room. It is no identity."""
    room, found = class_passes.find_by_secret(code, secret)
    response = make_response(redirect(url_for("rooms.show", code=room.code), 303))
    response.set_cookie(
        _cookie(room.code),
        cookies.sign(str(found.id), "class-pass"),
        max_age=int(class_passes.LIFE.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=request.is_secure,
    )
    return remember_invite(room, response) if room.is_private else response


def pass_rolls(room: Room | Doorway) -> list[Bucket] | None:
    """The buckets for rolls under the pass that this browser has for ``room``; None without one."""
    used = _present_pass(room)
    return class_passes.roll_buckets(used) if used else None


def pass_guests(room: Room) -> list[Bucket] | None:
    """The buckets for new guests under the pass that this browser has for ``room``; None without one."""
    used = _present_pass(room)
    return class_passes.guest_buckets(used) if used else None


def _present_pass(room: Room | Doorway) -> ClassPass | None:
    signed = request.cookies.get(_cookie(room.code))
    value = cookies.unsign(signed, "class-pass") if signed else None
    return class_passes.find(room.id, int(value)) if value else None


def _hosted(code: str) -> tuple[Room, User]:
    """The room and its host, who is the viewer. Raises ``LoginRequired``, ``NotTheHost``."""
    room, user = the_room(code), present_viewer().user
    if user is None:
        raise LoginRequired(mend=url_for("participations.new", code=room.code))
    class_passes.check_host(room, user)
    return room, user


def _view(room: Room, found: ClassPass) -> PassView:
    root = current_app.config["CHATPOP"].public_url or request.host_url.rstrip("/")
    path = url_for("class_passes.show", code=room.code, secret=found.secret)
    return PassView(
        id=found.id,
        url=f"{root}{path}",
        qr_path=url_for("class_passes.qr", code=room.code, pass_id=found.id),
        expires_at=found.expires_at,
    )


def _cookie(code: str) -> str:
    return f"chatpop_class_{code}"
