"""A room's settings: its pace, who may come in, who looks after it, who is muted or banned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from chatpop.core.texts import text
from chatpop.identity import bans
from chatpop.identity.bans import Ban
from chatpop.rooms import history, pace
from chatpop.rooms.models import Room
from chatpop.rooms.moderation import closing, persons, roles, slow_mode
from chatpop.rooms.rendering import state_view
from chatpop.rooms.views.acting import done, settings_path
from chatpop.rooms.views.loading import the_room_to_look_after

bp = Blueprint("room_settings", __name__)


@dataclass(frozen=True, slots=True)
class BanView:
    """Bans placed by one act, as the list shows them: by the name the person was seen under."""

    id: int
    name: str
    kinds: list[str]
    ban: Ban


@bp.get("/rooms/<code>/settings")
def show(code: str) -> ResponseReturnValue:
    room, user = the_room_to_look_after(code)
    return render_template(
        "rooms/settings.html",
        room=room,
        role=roles.role_of(room, user),
        paces=pace.CHOICES | {room.slow_mode_seconds: pace.named(room.slow_mode_seconds)},
        state=state_view(history.present_state(room)),
        moderators=persons.moderators_of(room),
        mutes=persons.muted_in(room),
        bans=_grouped(bans.in_force_in(room.id)),
    )


@bp.post("/rooms/<code>/slow-mode")
def slow_down(code: str) -> ResponseReturnValue:
    room, user = the_room_to_look_after(code)
    typed = request.form.get("seconds", "")
    changed = slow_mode.change(room, user, int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else -1)
    word = pace.named(changed.slow_mode_seconds)
    return _done(
        room,
        text("Slow mode: one message every %(word)s.", word=word)
        if changed.slow_mode_seconds
        else text("Slow mode is off."),
    )


@bp.post("/rooms/<code>/closure")
def close(code: str) -> ResponseReturnValue:
    room, user = the_room_to_look_after(code)
    closing.close(room, user)
    return _done(room, text("The room is for members only now; everybody may read as before."))


@bp.post("/rooms/<code>/closure/end")
def reopen(code: str) -> ResponseReturnValue:
    room, user = the_room_to_look_after(code)
    closing.reopen(room, user)
    return _done(room, text("Guests may join and write again."))


def _done(room: Room, sentence: str) -> ResponseReturnValue:
    return done(sentence, settings_path(room), lambda: render_template("rooms/_done.html", room=room, done=sentence))


def _grouped(found: Sequence[Ban]) -> list[BanView]:
    groups = groupby(found, key=lambda ban: (ban.placed_at, ban.shown_name))
    views = []
    for (_, name), group in groups:
        rows = list(group)
        views.append(BanView(rows[0].id, name, [row.kind for row in rows], rows[0]))
    return views
