"""Messages of a room: reading, writing, taking back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from chatpop.api.v1 import schemas
from chatpop.api.v1.bearer import present_caller
from chatpop.api.v1.describing import describe, moment
from chatpop.api.v1.sent import json_body
from chatpop.core import ids
from chatpop.identity.models import User
from chatpop.rooms import deleting, editing, finding, history, posting, reacting, searching, tags
from chatpop.rooms.history import LogEntry
from chatpop.rooms.models import EventKind, Participation, Room
from chatpop.rooms.tags import author_tag
from chatpop.rooms.views.loading import NotInRoom, number_of, parse_number, reply_field
from chatpop.uploads.models import Upload
from chatpop.uploads.views.taking import file_path
from chatpop.web.client_address import client_address, network_of
from chatpop.web.json_body import text_field

bp = Blueprint("messages", __name__)


@bp.get("/rooms/<code>/messages")
@describe(
    "Up to 50 messages, oldest first: the newest, those before a number, or those after one",
    query={"before": schemas.SEQ, "after": schemas.SEQ},
    answers={200: "MessageList"},
    refusals=(400, 404),
)
def index(code: str) -> ResponseReturnValue:
    user = present_caller().user
    room = finding.find_room(code, user)
    page = history.page(room, before=number_of("before"), after=number_of("after"))
    return jsonify(messages=_all_shown(room, page.entries, user), older=page.older)


@bp.get("/rooms/<code>/search")
@describe(
    "Up to 20 messages with all the words of ``q``, by their beginnings, newest first",
    query={"q": schemas.SEARCH, "before": schemas.SEQ},
    answers={200: "MessageList"},
    refusals=(400, 404, 422, 429),
)
def search(code: str) -> ResponseReturnValue:
    user = present_caller().user
    room = finding.find_room(code, user)
    query, before = request.args.get("q", ""), number_of("before")
    found = searching.search(room, user, network_of(client_address()), query, before)
    entries = history.entries_of(found.messages, room.code)
    return jsonify(messages=_all_shown(room, entries, user), older=found.older)


@bp.post("/rooms/<code>/messages")
@describe(
    "Write a message; the same client_id again stores nothing and answers 200",
    body=schemas.NEW_MESSAGE,
    answers={201: "Message", 200: "Message"},
    refusals=(400, 404, 413, 415, 422, 429),
)
def create(code: str) -> ResponseReturnValue:
    user = present_caller().user
    room, place = _joined(code, user)
    sent = json_body()
    client_id = text_field(sent, "client_id") if "client_id" in sent else ids.short_token()
    posted = posting.post(room, user, place, text_field(sent, "body"), client_id, reply_to=reply_field(sent))
    return jsonify(_shown(posted.entry, user, author_tag(room, place))), 201 if posted.is_new else 200


@bp.patch("/rooms/<code>/messages/<seq>")
@describe(
    "Edit a message of yours, for a while after it was sent",
    body=schemas.EDITED_MESSAGE,
    answers={200: "Message"},
    refusals=(400, 404, 409, 413, 415, 422, 429),
)
def update(code: str, seq: str) -> ResponseReturnValue:
    user = present_caller().user
    room, place = _joined(code, user)
    number, body = parse_number(seq), text_field(json_body(), "body")
    return jsonify(_shown(editing.edit(room, user, place, number, body), user, author_tag(room, place)))


@bp.delete("/rooms/<code>/messages/<seq>")
@describe(
    "Take back a message of yours; its place in the log stays, its text and its files go",
    answers={200: "Message"},
    refusals=(400, 404),
)
def destroy(code: str, seq: str) -> ResponseReturnValue:
    user = present_caller().user
    room, _ = _joined(code, user)
    message = deleting.delete(room, user, parse_number(seq))
    return jsonify(_shown(LogEntry(message.seq, EventKind.DELETE, message), user))


@bp.put("/rooms/<code>/messages/<seq>/reactions/<emoji>")
@describe("React to a message; twice is once", answers={200: "Message"}, refusals=(400, 404, 409, 422, 429))
def react(code: str, seq: str, emoji: str) -> ResponseReturnValue:
    user = present_caller().user
    room, place = _joined(code, user)
    entry = reacting.react(room, user, place, parse_number(seq), emoji)
    return jsonify(_shown(entry, user, author_tag(room, place)))


@bp.delete("/rooms/<code>/messages/<seq>/reactions/<emoji>")
@describe("Take a reaction of yours back", answers={200: "Message"}, refusals=(400, 404, 409, 422, 429))
def take_back(code: str, seq: str, emoji: str) -> ResponseReturnValue:
    user = present_caller().user
    room, place = _joined(code, user)
    entry = reacting.take_back(room, user, place, parse_number(seq), emoji)
    return jsonify(_shown(entry, user, author_tag(room, place)))


def _joined(code: str, user: User) -> tuple[Room, Participation]:
    """The room, and the caller's place in it. Raises ``RoomNotFound``, ``NotInRoom``."""
    room, place = finding.find_with_place(code, user)
    if place is None:
        raise NotInRoom
    return room, place


def _all_shown(room: Room, entries: Sequence[LogEntry], reader: User) -> list[dict[str, Any]]:
    own_tag = tags.own(room, reader) if any(entry.tallies for entry in entries) else None
    return [_shown(entry, reader, own_tag) for entry in entries]


def _shown(entry: LogEntry, reader: User, own_tag: str | None = None) -> dict[str, Any]:
    """``author_tag`` is equal for one person under one name in one room, and links nothing else."""
    message = entry.message
    is_mine = message.author_id == reader.id
    return {
        "seq": message.seq,
        "author": message.author_name,
        "author_tag": message.author_tag,
        "is_verified": message.author_is_verified,
        "is_mine": is_mine,
        "reply_to": message.reply_to_seq,
        "body": message.body,
        "is_deleted": message.deleted_at is not None,
        "client_id": message.client_id if is_mine else None,
        "attachments": [_attachment(upload) for upload in entry.files],
        "reactions": [
            {"emoji": tally.emoji, "count": tally.count, "is_mine": own_tag in tally.tags} for tally in entry.tallies
        ],
        "mentions": [{"name": one.name, "tag": one.tag} for one in entry.mentions],
        "created_at": moment(message.created_at),
        "edited_at": moment(message.edited_at),
    }


def _attachment(upload: Upload) -> dict[str, Any]:
    return {
        "id": upload.public_id,
        "url": file_path(upload),
        "name": upload.name,
        "media_type": upload.media_type,
        "size": upload.size,
        "width": upload.width,
        "height": upload.height,
    }
