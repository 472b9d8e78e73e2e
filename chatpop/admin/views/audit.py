"""The audit trail."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from chatpop.admin.present import day
from chatpop.extensions import db
from chatpop.identity import audit_log
from chatpop.identity.audit_log import Filter
from chatpop.rooms.finding import clean_code
from chatpop.rooms.models import Room

bp = Blueprint("audit", __name__, url_prefix="/audit")

FIELDS = ("action", "actor", "subject", "room", "since", "until")
NO_ROOM = 0
"""The number of no room: what an unknown code finds."""


@bp.get("")
def index() -> ResponseReturnValue:
    asked, until = request.args, day("until")
    wanted = Filter(
        action=asked.get("action", ""),
        actor=asked.get("actor", "").strip()[:64],
        subject=asked.get("subject", "").strip()[:64],
        room_id=_room_id(asked.get("room", "").strip()),
        since=day("since"),
        until=until + timedelta(days=1) if until is not None else None,
        after=asked.get("after", ""),
    )
    trail = audit_log.page(wanted)
    return render_template(
        "admin/audit/index.html",
        trail=trail,
        rooms=_rooms({line.room_id for line in trail.lines if line.room_id is not None}),
        actions=audit_log.actions(),
        asked={name: asked[name] for name in FIELDS if asked.get(name)},
    )


def _room_id(typed: str) -> int | None:
    if not typed:
        return None
    code = clean_code(typed)
    return (db.session.scalar(select(Room.id).where(Room.code == code)) if code else None) or NO_ROOM


def _rooms(ids: set[int]) -> dict[int, Room]:
    return {room.id: room for room in db.session.scalars(select(Room).where(Room.id.in_(ids)))}
