"""A room's door, where one writes or comes in: composer, join panel, or the reason for neither."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from chatpop.core import ids
from chatpop.core.errors import DomainError
from chatpop.identity.recognition import present_viewer
from chatpop.identity.viewer import Viewer
from chatpop.rooms import finding, replying
from chatpop.rooms.models import Mute, Participation, Room
from chatpop.rooms.moderation import roles, speaking
from chatpop.rooms.rendering import OriginalView, original_view
from chatpop.rooms.tags import author_tag
from chatpop.rooms.views.loading import the_room
from chatpop.rooms.views.panel import JoinPanel, present_panel
from chatpop.uploads.models import Upload

bp = Blueprint("door", __name__)


@dataclass(frozen=True, slots=True)
class Door:
    """What ``rooms/_door.html`` shows. ``mute`` and ``is_closed`` are the reasons why one can't write.

    ``error``, ``body`` and ``files`` are what came of a message that was refused.
    """

    participation: Participation | None
    panel: JoinPanel | None
    mute: Mute | None
    is_closed: bool
    is_bound: bool
    """Whether the room's closing to guests concerns the viewer."""
    client_id: str
    error: str | None = None
    body: str = ""
    files: Sequence[Upload] = ()
    reply: OriginalView | None = None
    """The message that is being answered."""


@bp.get("/rooms/<code>/door")
def show(code: str) -> ResponseReturnValue:
    """The fragment, for a page on which something else holds by now."""
    room, viewer = the_room(code), present_viewer()
    place = finding.find_participation(room.id, viewer.user)
    tag = author_tag(room, place) if place else ""
    return render_template("rooms/_door.html", room=room, door=present_door_for(room, viewer, place), me_tag=tag)


def present_door_for(
    room: Room,
    viewer: Viewer,
    place: Participation | None,
    *,
    refusal: DomainError | None = None,
    body: str = "",
    files: Sequence[Upload] = (),
    reply_to: int | None = None,
) -> Door:
    """The door as it stands for the viewer. A message that can't be answered (any more) is left out."""
    mute = speaking.mute_of(place) if place is not None else None
    is_bound = viewer.user is None or not viewer.user.is_registered
    is_shut_out = speaking.is_shut_out(room, viewer.user) and not roles.role_of(room, viewer.user).looks_after
    original = replying.look_up(room, reply_to) if place is not None else None
    needs_panel = place is None and not is_shut_out
    return Door(
        participation=place,
        panel=present_panel(viewer) if needs_panel else None,
        mute=mute,
        is_closed=is_shut_out,
        is_bound=is_bound,
        client_id=ids.short_token(),
        error=refusal.sentence if refusal is not None else None,
        body=body,
        files=files,
        reply=original_view(original) if original is not None else None,
    )
