"""Reporting a message or a person."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from chatpop.core.errors import DomainError
from chatpop.core.texts import text
from chatpop.rooms import reporting
from chatpop.rooms.formatting import body_html
from chatpop.rooms.models import Room
from chatpop.rooms.report_models import NOTE_LIMIT, Reason
from chatpop.rooms.reporting import Complaint, Target
from chatpop.rooms.views.loading import parse_number, the_place, the_room
from chatpop.web.htmx import go
from chatpop.web.saying import flash
from chatpop.web.wants import wants

bp = Blueprint("reports", __name__)

REASONS = {
    Reason.SPAM: text("Spam or advertising"),
    Reason.HARASSMENT: text("Insults or harassment"),
    Reason.HATE: text("Hate against a group of people"),
    Reason.SEXUAL: text("Sexual content"),
    Reason.DANGER: text("Violence, self-harm or something illegal"),
    Reason.NAME: text("The name itself"),
    Reason.OTHER: text("Something else"),
}
"""In the words of the form; the admin pages use the same."""


@bp.get("/rooms/<code>/reports/new")
def new(code: str) -> ResponseReturnValue:
    room = the_room(code)
    the_place(room)
    return _form(room, _target(room))


@bp.post("/rooms/<code>/reports")
def create(code: str) -> ResponseReturnValue:
    room = the_room(code)
    user, _ = the_place(room)
    target = _target(room)
    complaint = Complaint(request.form.get("reason", ""), request.form.get("note", "").strip())
    try:
        reporting.report(room, user, target, complaint)
    except DomainError as refusal:
        if wants() != "page":
            raise
        return _form(room, target, refusal)
    flash(text("Thank you. The people who run this site will look at it; nobody else learns that you reported it."))
    return go(url_for("rooms.show", code=room.code))


def _target(room: Room) -> Target:
    """What the address or the form names. Raises ``MessageNotFound``, ``PersonNotFound``, ``BadNumber``."""
    seq = request.values.get("seq", "")
    if seq:
        return reporting.message_target(room, parse_number(seq))
    return reporting.person_target(room, request.values.get("tag", ""))


def _form(room: Room, target: Target, refusal: DomainError | None = None) -> ResponseReturnValue:
    response = make_response(
        render_template(
            "rooms/reports/new.html",
            room=room,
            person=target.person,
            message=target.message,
            quote=body_html(target.message.body) if target.message is not None else None,
            reasons=REASONS,
            chosen=request.form.get("reason", ""),
            note=request.form.get("note", ""),
            note_limit=NOTE_LIMIT,
            refusal=refusal,
        ),
        refusal.status if refusal else 200,
    )
    if refusal is not None and refusal.retry_after is not None:
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response
