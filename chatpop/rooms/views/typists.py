"""A page's sign that its reader is typing."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from chatpop.rooms import typists
from chatpop.rooms.views.loading import the_place_to_write

bp = Blueprint("typists", __name__)


@bp.post("/rooms/<code>/typing")
def create(code: str) -> ResponseReturnValue:
    typists.tell(*the_place_to_write(code))
    return "", 204
