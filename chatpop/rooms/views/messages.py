"""Messages of a room: reading older ones, looking at one, writing, taking back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from chatpop.core import ids
from chatpop.core.errors import DomainError
from chatpop.core.texts import text
from chatpop.identity.models import User
from chatpop.identity.recognition import present_viewer
from chatpop.rooms import deleting, drafts, history, posting
from chatpop.rooms.history import LogEntry
from chatpop.rooms.models import EventKind, Room
from chatpop.rooms.moderation import persons, roles
from chatpop.rooms.posting import Posted
from chatpop.rooms.rendering import message_views
from chatpop.rooms.views import attachments
from chatpop.rooms.views.acting import message_page
from chatpop.rooms.views.answering import answer
from chatpop.rooms.views.loading import (
    NotInRoomVisitor,
    number_of,
    parse_number,
    reply_field,
    the_place,
    the_place_to_write,
    the_room,
    the_room_to_judge,
)
from chatpop.rooms.views.rooms import room_page
from chatpop.uploads.receiving import Outcome
from chatpop.uploads.refusals import NotAttachable
from chatpop.uploads.views.bodies import brings_files, takes_files
from chatpop.web.json_body import BadBody, json_object, text_field
from chatpop.web.wants import wants

bp = Blueprint("messages", __name__)


@dataclass(frozen=True, slots=True)
class Sent:
    """What a client wants written; ``attachments`` are the ids of files that it brought before."""

    body: str
    client_id: str
    attachments: list[str]
    reply_to: int | None
    """The number of the message that is answered."""


@bp.get("/rooms/<code>/messages")
def index(code: str) -> ResponseReturnValue:
    room = the_room(code)
    page = history.page(room, before=number_of("before"), after=number_of("after"))
    return render_template(
        "rooms/_messages.html", messages=message_views(page), older=page.older, code=room.code, room=room
    )


@bp.get("/rooms/<code>/messages/<seq>")
def show(code: str, seq: str) -> ResponseReturnValue:
    """One message, with what the viewer may do with it: in the room's dialog, or on its own page."""
    room = the_room_to_judge(code)
    return message_page(room, persons.message(room, parse_number(seq)))


@bp.post("/rooms/<code>/messages")
@takes_files
def create(code: str) -> ResponseReturnValue:
    room, user, place = the_place_to_write(code)
    sent, outcomes = _sent(), list[Outcome]()
    try:
        posted = _sent_before(room, user, sent)
        if posted is None:
            outcomes = attachments.bring_with_message(room, user, place)
            attachments.check_all_kept(outcomes)
            files = [*sent.attachments, *(upload.public_id for upload in attachments.kept(outcomes))]
            posted = posting.post(room, user, place, sent.body, sent.client_id, files, sent.reply_to)
    except DomainError as refusal:
        if wants() == "page":
            return _refused(room, user, refusal, sent, outcomes)
        drafts.take_back(attachments.kept(outcomes))
        raise
    if not posted.is_new:
        drafts.take_back(attachments.kept(outcomes))
    return answer(posted.entry, 201 if posted.is_new else 200)


@bp.post("/rooms/<code>/messages/<seq>/deletion")
def destroy(code: str, seq: str) -> ResponseReturnValue:
    room, user = the_room_to_judge(code), present_viewer().user
    if user is None:
        raise NotInRoomVisitor(mend=url_for("participations.new", code=room.code))
    if not roles.role_of(room, user).looks_after:
        the_place(room)
    message = deleting.delete(room, user, parse_number(seq))
    return answer(LogEntry(message.seq, EventKind.DELETE, message, room.code), 200)


def _sent() -> Sent:
    """From a form or JSON; without a client id there it gets a fresh one."""
    if request.is_json:
        sent = json_object()
        client_id = text_field(sent, "client_id") if "client_id" in sent else ids.short_token()
        return Sent(text_field(sent, "body"), client_id, _ids(sent.get("attachments", [])), reply_field(sent))
    form = request.form
    reply_to = parse_number(form["reply_to"]) if form.get("reply_to") else None
    client_id = form.get("client_id") or ids.short_token()
    return Sent(form.get("body", ""), client_id, _ids(form.getlist("attachments")), reply_to)


def _ids(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise BadBody(text("The field attachments must be a list of texts."))
    if not all(one.isascii() and one.isprintable() for one in value):
        raise NotAttachable
    return value


def _sent_before(room: Room, user: User, sent: Sent) -> Posted | None:
    """The same message, sent once more with its files: they are not kept twice."""
    if not brings_files():
        return None
    posting.check_client_id(sent.client_id)
    return posting.find_posted(room, user, sent.client_id)


def _refused(
    room: Room, user: User, refusal: DomainError, sent: Sent, outcomes: Sequence[Outcome]
) -> ResponseReturnValue:
    """The room with the reason, the text, and those files that can still be sent."""
    wanted = [*sent.attachments, *(upload.public_id for upload in attachments.kept(outcomes))]
    files = drafts.find_drafts(room, user, wanted)
    return room_page(room, refusal=refusal, body=sent.body, files=files, reply_to=sent.reply_to)
