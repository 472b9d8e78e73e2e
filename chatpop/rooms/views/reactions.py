"""Reactions to messages: pressing a sign sets it, pressing it again takes it back."""

from __future__ import annotations

from flask import Blueprint, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from chatpop.rooms import reacting
from chatpop.rooms.history import LogEntry
from chatpop.rooms.reaction_models import PALETTE
from chatpop.rooms.rendering import render_entry
from chatpop.rooms.views.loading import parse_number, the_place_to_write
from chatpop.web.htmx import go
from chatpop.web.json_body import json_object, text_field
from chatpop.web.wants import wants

bp = Blueprint("reactions", __name__)


@bp.post("/rooms/<code>/messages/<seq>/reactions")
def create(code: str, seq: str) -> ResponseReturnValue:
    room, user, place = the_place_to_write(code)
    emoji = text_field(json_object(), "emoji") if request.is_json else request.form.get("emoji", "")
    return _answer(reacting.toggle(room, user, place, parse_number(seq), emoji))


def palette() -> dict[str, str]:
    """The signs, and how they are read out in the viewer's language."""
    return {emoji: gettext(words) for emoji, words in PALETTE.items()}


def _answer(entry: LogEntry) -> ResponseReturnValue:
    form, seq = wants(), entry.message.seq
    if form == "json":
        return jsonify(seq=seq, reactions={tally.emoji: tally.count for tally in entry.tallies})
    if form == "fragment":
        return render_entry(entry)
    return go(url_for("rooms.show", code=entry.code, _anchor=f"message-{seq}"))
