"""The answer to who has written, edited or deleted a message: JSON, the message as it stands, or the room's page."""

from __future__ import annotations

from flask import jsonify, url_for
from flask.typing import ResponseReturnValue

from chatpop.rooms.history import LogEntry
from chatpop.rooms.rendering import render_entry
from chatpop.web.htmx import go
from chatpop.web.wants import wants


def answer(entry: LogEntry, status: int) -> ResponseReturnValue:
    form, message = wants(), entry.message
    if form == "json":
        return jsonify(seq=message.seq, client_id=message.client_id, created_at=message.created_at.isoformat()), status
    if form == "fragment":
        return render_entry(entry), status
    return go(url_for("rooms.show", code=entry.code, _anchor=f"message-{message.seq}"))
