"""The live stream of a room."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, current_app, g, request
from flask.typing import ResponseReturnValue

from chatpop.identity.models import User
from chatpop.identity.recognition import present_viewer
from chatpop.rooms.live import Subscription, live
from chatpop.rooms.models import Participation, Room
from chatpop.rooms.moderation import reading_on
from chatpop.rooms.moderation.reading_on import Reading
from chatpop.rooms.tags import author_tag
from chatpop.rooms.views.loading import number_of, parse_number, present_door, the_room_and_place
from chatpop.web.client_address import client_address, network_of

bp = Blueprint("streams", __name__)


@bp.get("/rooms/<code>/stream")
def show(code: str) -> ResponseReturnValue:
    """Server-sent events: the log after ``Last-Event-ID`` (else ``?after=``, else from now), then live."""
    room, place = the_room_and_place(code)
    user = present_viewer().user
    last_id = request.headers.get("Last-Event-ID")
    reading = _reading(room, user, place)
    return live.open(
        Subscription(
            room_id=room.id,
            code=room.code,
            after=parse_number(last_id) if last_id else number_of("after"),
            person=(author_tag(room, place), place.name) if place else None,
            network=network_of(client_address()),
            allowed=_still_allowed(reading),
            audience=reading.audience,
        )
    )


def _reading(room: Room, user: User | None, place: Participation | None) -> Reading:
    """Whose stream it is, by ids alone."""
    if user is None:
        return reading_on.Visitor(room.id, present_door() if room.is_private else None)
    own = (place.id, place.name) if place else (None, None)
    return reading_on.Account(room.id, user.id, user.epoch, g.get("session_id"), *own)


def _still_allowed(reading: Reading) -> Callable[[], bool]:
    """Asked every 15 seconds while the stream is open, and after ``live.recheck``; outside of any request."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def allowed() -> bool:
        with app.app_context():
            return reading.may_go_on()

    return allowed
