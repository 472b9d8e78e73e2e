"""The live stream of a room."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, current_app, g, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from chatpop.core import database
from chatpop.extensions import db
from chatpop.identity.models import Session, User
from chatpop.identity.recognition import present_viewer
from chatpop.rooms import finding
from chatpop.rooms.live import Subscription, live
from chatpop.rooms.posting import author_tag
from chatpop.rooms.views.loading import number_of, parse_number, the_room
from chatpop.web.client_address import client_address, network_of

bp = Blueprint("streams", __name__)


@bp.get("/rooms/<code>/stream")
def show(code: str) -> ResponseReturnValue:
    """Server-sent events: the log after ``Last-Event-ID`` (else ``?after=``, else from now), then live."""
    room = the_room(code)
    user = present_viewer().user
    place = finding.find_participation(room.id, user)
    last_id = request.headers.get("Last-Event-ID")
    return live.open(
        Subscription(
            room_id=room.id,
            code=room.code,
            after=parse_number(last_id) if last_id else number_of("after"),
            person=(author_tag(room, place), place.name) if place else None,
            network=network_of(client_address()),
            allowed=_still_allowed(user),
        )
    )


def _still_allowed(user: User | None) -> Callable[[], bool]:
    """Asked every 15 seconds while the stream is open, outside of any request."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    user_id, session_id, epoch = user.id if user else None, g.get("session_id"), user.epoch if user else 0

    def allowed() -> bool:
        if user_id is None:
            return True  # a visitor of a public room, or one with a valid invite
        with app.app_context(), database.reading(), db.engine.connect() as connection:
            row = connection.execute(
                select(User.is_abandoned, User.is_disabled, User.epoch, Session.revoked_at)
                .outerjoin(Session, (Session.id == session_id) & (Session.user_id == User.id))
                .where(User.id == user_id)
            ).one_or_none()
        if row is None or row.is_abandoned or row.is_disabled or row.epoch != epoch:
            return False
        return row.revoked_at is None

    return allowed
