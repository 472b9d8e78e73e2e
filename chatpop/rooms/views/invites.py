"""Inviting: a room's link and its QR code."""

from __future__ import annotations

import io
from dataclasses import dataclass

import segno
from flask import Blueprint, Response, current_app, request, url_for

from chatpop.rooms.models import Room
from chatpop.rooms.views.loading import the_room

bp = Blueprint("invites", __name__)


@dataclass(frozen=True, slots=True)
class Share:
    """What the share strip shows: the link, and where its QR code is."""

    url: str
    qr_path: str


@bp.get("/rooms/<code>/qr.svg")
def qr(code: str) -> Response:
    """The link of a room as a QR code; of a private room with its invite, to those who may see it."""
    out = io.BytesIO()
    segno.make_qr(share_of(the_room(code)).url, error="m").save(
        out, kind="svg", scale=6, border=3, dark="#111", light="#fff"
    )
    return Response(out.getvalue(), mimetype="image/svg+xml", headers={"Cache-Control": "private, no-store"})


def share_of(room: Room) -> Share:
    """The room's link under the site's public address; a private room's carries the invite."""
    invite = room.invite if room.is_private else None
    path = url_for("rooms.show", code=room.code, invite=invite)
    root = current_app.config["CHATPOP"].public_url or request.host_url.rstrip("/")
    return Share(f"{root}{path}", url_for("invites.qr", code=room.code))
