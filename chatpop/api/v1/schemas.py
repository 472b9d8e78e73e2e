"""The shapes of bodies and answers, in JSON Schema. Answers have these fields and no others."""

from __future__ import annotations

from typing import Any

from chatpop.accounts.sessions import LoginFailed
from chatpop.core.ids import CODE_ALPHABET, CODE_LENGTH
from chatpop.identity.access_tokens import MAX_DAYS, NAME_LIMIT
from chatpop.rooms import models as rooms
from chatpop.rooms.reaction_models import PALETTE
from chatpop.rooms.search_terms import QUERY_LIMIT
from chatpop.rooms.views.loading import MAX_SEQ

Schema = dict[str, Any]


def _object(**fields: Schema) -> Schema:
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def _body(*required: str, **fields: Schema) -> Schema:
    """What may be sent; further fields have no effect."""
    return {"type": "object", "properties": fields, "required": list(required)}


def _text(least: int, most: int) -> Schema:
    """A text whose length counts once it is cleaned, which is more than JSON Schema can say."""
    told = f"{least} to {most} characters, not counting control characters and blanks at the edges."
    return {"type": "string", "description": told}


def _list_of(name: str) -> Schema:
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}


TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
COUNT: Schema = {"type": "integer", "minimum": 0}
MOMENT: Schema = {"type": "string", "format": "date-time"}
MOMENT_OR_NULL: Schema = {"type": ["string", "null"], "format": "date-time"}
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
VISIBILITY: Schema = {"type": "string", "enum": [kind.value for kind in rooms.Visibility]}
CODE: Schema = {"type": "string", "pattern": f"^[{CODE_ALPHABET}]{{{CODE_LENGTH}}}$", "example": "ACDEFG"}
SEQ: Schema = {"type": "integer", "minimum": 0, "maximum": MAX_SEQ, "description": "The number of a log entry."}
SEARCH: Schema = {"type": "string", "description": f"What to look for, at most {QUERY_LIMIT} characters."}
AFTER_ROOM: Schema = {**CODE, "description": "The last room of the page before, as its ``next`` said."}
UPLOAD_ID: Schema = {"type": "string", "pattern": "^[A-Za-z0-9_-]{22}$"}
BEFORE_UPLOAD: Schema = {**UPLOAD_ID, "description": "The last file of the page before, as its ``next`` said."}
EMOJI: Schema = {"type": "string", "enum": list(PALETTE)}
PATH: dict[str, Schema] = {"code": CODE, "seq": SEQ, "emoji": EMOJI, "token_id": TEXT, "upload_id": UPLOAD_ID}

LOGIN = _body(
    "username",
    "password",
    grant_type={"type": "string", "enum": ["password"]},
    username={"type": "string", "description": "A name or e-mail address, in any case."},
    password={"type": "string", "format": "password"},
)
REFRESH = _body("refresh_token", refresh_token=TEXT)
NEW_TOKEN = _body(
    "name",
    name=_text(1, NAME_LIMIT),
    expires_in_days={"type": ["integer", "null"], "minimum": 1, "maximum": MAX_DAYS},
)
NEW_ROOM = _body(
    "name",
    name=_text(1, rooms.NAME_LIMIT),
    topic=_text(0, rooms.TOPIC_LIMIT),
    visibility={**VISIBILITY, "default": rooms.Visibility.PUBLIC.value},
)
JOINING = _body(
    "username",
    username=TEXT,
    invite={"type": "string", "description": "The ``invite`` of a private room's link."},
)
NEW_MESSAGE = _body(
    "body",
    body=_text(1, rooms.BODY_LIMIT),
    client_id={"type": "string", "minLength": 1, "maxLength": rooms.CLIENT_ID_LIMIT},
    reply_to={
        "type": ["integer", "null"],
        "minimum": 0,
        "maximum": MAX_SEQ,
        "description": "The number of a message of this room that yours answers.",
    },
)
EDITED_MESSAGE = _body("body", body=_text(0, rooms.BODY_LIMIT))
NEW_UPLOADS = _body(
    "files",
    files={"type": "array", "minItems": 1, "items": {"type": "string", "format": "binary"}},
    private={"type": "string", "description": "Any value: only you can read the files."},
)
NAME_TO_ROLL = _body(fingerprint={"type": ["string", "null"]})
NAME_TO_CHECK = _body("username", username=TEXT)
NAME_TO_JOIN = _body("username", username=TEXT, fingerprint={"type": ["string", "null"]})

_ROOM: dict[str, Schema] = {
    "code": CODE,
    "name": TEXT,
    "topic": TEXT,
    "visibility": VISIBILITY,
    "url": {"type": "string", "description": "The room's link; a private room's carries its invite."},
    "people": {**COUNT, "description": "How many listen at present."},
    "username": {**TEXT_OR_NULL, "description": "Your name in this room; null when you are not in it."},
    "is_host": FLAG,
    "created_at": MOMENT,
    "active_at": MOMENT,
}
_TOKEN: dict[str, Schema] = {
    "id": TEXT,
    "name": TEXT,
    "created_at": MOMENT,
    "expires_at": MOMENT_OR_NULL,
    "last_used_at": MOMENT_OR_NULL,
}
COMPONENTS: dict[str, Schema] = {
    "Problem": {
        "type": "object",
        "description": "RFC 9457; some have further fields, such as ``retry_after`` (seconds) or ``fields``.",
        "properties": {
            "type": TEXT,
            "title": TEXT,
            "status": {"type": "integer"},
            "detail": TEXT,
            "code": {"type": "string", "description": "What programs go by.", "example": LoginFailed.code},
        },
        "required": ["type", "title", "status", "detail", "code"],
    },
    "Refusal": {"type": "object", "properties": {"error": TEXT, "code": TEXT}, "required": ["error"]},
    "TokenPair": _object(
        access_token=TEXT,
        refresh_token=TEXT,
        token_type={"type": "string", "enum": ["bearer"]},
        expires_in={"type": "integer", "description": "Seconds."},
    ),
    "Me": _object(
        id={"type": "integer"},
        username=TEXT,
        email=TEXT_OR_NULL,
        tier={"type": "string", "enum": ["member"]},
        created_at=MOMENT,
        registered_at=MOMENT_OR_NULL,
        last_seen_at=MOMENT,
        limits=_object(messages_per_minute=COUNT, rooms_hosted=COUNT),
    ),
    "PersonalToken": _object(**_TOKEN),
    "NewToken": _object(**_TOKEN, token={"type": "string", "pattern": "^cpat_"}),
    "TokenList": _object(tokens=_list_of("PersonalToken")),
    "Room": _object(**_ROOM),
    "RoomList": _object(
        rooms=_list_of("Room"),
        next={**TEXT_OR_NULL, "description": "What to send as ``after`` for the next page; null on the last."},
    ),
    "Joined": _object(username=TEXT, room=CODE, is_returning=FLAG),
    "Message": _object(
        seq=SEQ,
        author=TEXT,
        author_tag={"type": "string", "description": "Equal for one person under one name in one room."},
        is_verified=FLAG,
        is_mine=FLAG,
        reply_to={"type": ["integer", "null"], "description": "The number of the message that this one answers."},
        body={
            "type": "string",
            "description": "As typed, to be escaped, with its signs of light formatting; empty when deleted.",
        },
        is_deleted=FLAG,
        client_id={**TEXT_OR_NULL, "description": "Of your own messages only."},
        attachments=_list_of("Attachment"),
        reactions=_list_of("Reactions"),
        mentions=_list_of("Mention"),
        created_at=MOMENT,
        edited_at=MOMENT_OR_NULL,
    ),
    "Mention": _object(
        name={"type": "string", "description": "Of somebody in the room whom the text calls by ``@``."},
        tag={"type": "string", "description": "Their ``author_tag``."},
    ),
    "Reactions": _object(emoji=EMOJI, count=COUNT, is_mine=FLAG),
    "Attachment": _object(
        id=UPLOAD_ID,
        url={"type": "string", "description": "Where the file is, on this site: for whoever may read the room."},
        name=TEXT,
        media_type=TEXT,
        size={**COUNT, "description": "Bytes."},
        width={"type": ["integer", "null"], "description": "Pixels; null for what is no picture."},
        height={"type": ["integer", "null"]},
    ),
    "MessageList": _object(
        messages=_list_of("Message"),
        older={"type": ["integer", "null"], "description": "What to send as ``before`` to read on."},
    ),
    "Upload": _object(
        id=UPLOAD_ID,
        url={"type": "string", "description": "Where the file is, on this site."},
        name=TEXT,
        media_type={"type": "string", "description": "As the content says; files that are no pictures are downloads."},
        size={**COUNT, "description": "Bytes."},
        sha256=TEXT,
        width={"type": ["integer", "null"], "description": "Pixels; null for what is no picture."},
        height={"type": ["integer", "null"]},
        is_private={"type": "boolean", "description": "Only you can read it."},
        in_room={"type": "boolean", "description": "Whoever may read its room can read it."},
        created_at=MOMENT,
    ),
    "UploadList": _object(
        uploads=_list_of("Upload"),
        next={**TEXT_OR_NULL, "description": "What to send as ``before`` for the next page; null on the last."},
    ),
    "UploadResults": _object(results=_list_of("UploadResult")),
    "UploadResult": {
        "type": "object",
        "properties": {
            "filename": TEXT,
            "status": {"type": "string", "enum": ["success", "error"]},
            "id": UPLOAD_ID,
            "url": TEXT,
            "error": {"type": "string", "description": "Why the file was not kept."},
        },
        "required": ["filename", "status"],
        "additionalProperties": False,
    },
    "Rolled": _object(username=TEXT, remaining=COUNT),
    "RollsUsedUp": {
        "type": "object",
        "properties": {
            "error": TEXT,
            "max_attempts": COUNT,
            "previous": {"type": "array", "items": TEXT, "description": "Names that can still be claimed."},
            "retry_after": COUNT,
        },
        "required": ["error", "max_attempts", "previous", "retry_after"],
    },
    "NameInRoom": _object(
        available=FLAG,
        username=TEXT,
        in_use_in_chat=FLAG,
        reserved_by_other=FLAG,
        has_reserved_badge=FLAG,
        message=TEXT,
    ),
    "NameChecked": _object(available=FLAG, message=TEXT),
    "NameRefused": _object(available={"type": "boolean", "enum": [False]}, message=TEXT),
    "TooManyChecks": {
        "type": "object",
        "properties": {"error": TEXT, "retry_after": COUNT},
        "required": ["error", "retry_after"],
    },
}
