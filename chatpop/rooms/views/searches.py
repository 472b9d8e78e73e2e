"""Searching what was said in a room: in the room's dialog, on a page of its own, or as JSON."""

from __future__ import annotations

from flask import Blueprint, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from chatpop.core.errors import DomainError
from chatpop.identity.recognition import present_viewer
from chatpop.rooms import searching
from chatpop.rooms.models import Message, Room
from chatpop.rooms.searching import Found
from chatpop.rooms.views.loading import number_of, the_room
from chatpop.web.client_address import client_address, network_of
from chatpop.web.wants import wants

bp = Blueprint("searches", __name__)


@bp.get("/rooms/<code>/search")
def index(code: str) -> ResponseReturnValue:
    """Without ``q`` the empty form; ``before`` is the number that a page of results goes on before."""
    room, query, form = the_room(code), request.args.get("q", ""), wants()
    if form == "json":
        return jsonify(_described(room, _search(room, query)))
    found, refusal = None, None
    if query:
        try:
            found = _search(room, query)
        except DomainError as error:
            refusal = error
    page = render_template(
        "rooms/_search.html" if form == "fragment" else "rooms/search.html",
        room=room,
        query=query[:200],
        found=found,
        refusal=_(refusal.sentence) if refusal is not None else "",
    )
    return page, _status(refusal, form)


def _search(room: Room, query: str) -> Found:
    return searching.search(
        room, present_viewer().user, network_of(client_address()), query, before=number_of("before")
    )


def _status(refusal: DomainError | None, form: str) -> int:
    """A fragment is the form again with the reason, which is shown only if the request went well."""
    return 200 if refusal is None or form == "fragment" else refusal.status


def _described(room: Room, found: Found) -> dict[str, object]:
    return {"messages": [_result(room, message) for message in found.messages], "older": found.older}


def _result(room: Room, message: Message) -> dict[str, object]:
    return {
        "seq": message.seq,
        "author": message.author_name,
        "author_tag": message.author_tag,
        "body": message.body,
        "url": url_for("rooms.show", code=room.code, around=message.seq, _anchor=f"message-{message.seq}"),
        "created_at": message.created_at.isoformat(),
    }
