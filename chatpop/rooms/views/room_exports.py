"""Taking a room's log away, as JSON or as a page: streamed, however long it is."""

from __future__ import annotations

import json
from collections.abc import Iterator

from flask import Blueprint, Response, current_app, request
from flask.typing import ResponseReturnValue

from chatpop.core import clock
from chatpop.core.errors import DomainError
from chatpop.rooms.models import Room
from chatpop.rooms.moderation import export
from chatpop.rooms.rendering import MessageView, message_view
from chatpop.rooms.views.loading import the_room_to_look_after

bp = Blueprint("room_exports", __name__)

JSON, HTML = "json", "html"


class UnknownForm(DomainError):
    status, code, sentence = 422, "unknown_form", "Choose JSON or HTML."


@bp.post("/rooms/<code>/export")
def create(code: str) -> ResponseReturnValue:
    room, user = the_room_to_look_after(code)
    form = request.form.get("form", JSON)
    if form not in (JSON, HTML):
        raise UnknownForm
    export.note(room, user, form)
    lines = _json(room) if form == JSON else _html(room)
    kind = "application/json" if form == JSON else "text/html; charset=utf-8"
    headers = {
        "Content-Disposition": f'attachment; filename="chatpop-{room.code}.{form}"',
        "Cache-Control": "private, no-store",
    }
    return Response(_in_the_app(lines), headers=headers, content_type=kind)


def _in_the_app(lines: Iterator[str]) -> Iterator[str]:
    """The lines, each made inside the application; the request is over by then, and may never be read to its end."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def stepping() -> Iterator[str]:
        while True:
            with app.app_context():
                line = next(lines, None)
            if line is None:
                return
            yield line

    return stepping()


def _json(room: Room) -> Iterator[str]:
    head = {"room": {"code": room.code, "name": room.name, "topic": room.topic}, "exported_at": clock.now().isoformat()}
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "messages": ['
    mark = ""
    for batch in export.batches(room.id, room.last_seq):
        for entry in batch:
            yield mark + json.dumps(export.described(entry), ensure_ascii=False)
            mark = ","
    yield "]}"


def _html(room: Room) -> Iterator[str]:
    template = current_app.jinja_env.get_template("rooms/export.html")
    return template.generate(room=room, messages=_views(room), exported_at=clock.now())


def _views(room: Room) -> Iterator[MessageView]:
    for batch in export.batches(room.id, room.last_seq):
        yield from (message_view(entry) for entry in batch)
