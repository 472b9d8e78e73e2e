"""Loading what a room page is about, through the viewer."""

from __future__ import annotations

from typing import Any

from flask import current_app, make_response, request, url_for
from flask.typing import ResponseReturnValue

from chatpop.core.errors import DomainError, LoginRequired
from chatpop.identity import bans, cookies
from chatpop.identity.evidence import present_evidence
from chatpop.identity.models import User
from chatpop.identity.newcomers import present_ban_evidence
from chatpop.identity.recognition import present_viewer
from chatpop.rooms import finding
from chatpop.rooms.models import Participation, Room
from chatpop.rooms.moderation import roles, speaking

INVITE_SECONDS = 30 * 86_400
MAX_SEQ = 2**62


class NotInRoom(DomainError):
    status, code = 403, "not_in_room"
    sentence = "Join the room to take part. Reading needs no account."


class NotInRoomVisitor(NotInRoom):
    status, code = 401, "authentication_required"
    sentence = "Authentication required"


class BadNumber(DomainError):
    status, code, sentence = 400, "bad_number", "The number of a message must be a whole number."


def the_room(code: str) -> Room:
    """The room at this address, if the viewer may see it. Raises ``RoomNotFound``, ``Banned``."""
    return the_room_and_place(code)[0]


def the_room_and_place(code: str) -> tuple[Room, Participation | None]:
    """The room at this address, and the viewer's place in it. Raises ``RoomNotFound``, ``Banned``."""
    return finding.find_with_place(code, present_viewer().user, invited_to=_invited_to(code), evidence=present_door)


def the_place_to_write(code: str) -> tuple[Room, User, Participation]:
    """The room at this address, the viewer and their place in it, for writing.

    Who is banned from the site does not write, whatever they may read.
    Raises ``RoomNotFound``, ``Banned``, :class:`NotInRoom`.
    """
    viewer = present_viewer()
    room, place = finding.find_with_place(
        code, viewer.user, invited_to=_invited_to(code), evidence=present_door, writer=present_ban_evidence(viewer)
    )
    return room, *_own(room, viewer.user, place)


def the_room_to_look_after(code: str) -> tuple[Room, User]:
    """The room at this address, for somebody who looks after it; an admin needs no invite.

    Raises ``RoomNotFound``, ``NotLookingAfter``, ``LoginRequired``.
    """
    room, user = the_room_to_judge(code), present_viewer().user
    if user is None:
        raise LoginRequired(mend=url_for("participations.new", code=room.code))
    roles.check_looks_after(room, user)
    return room, user


def the_room_to_judge(code: str) -> Room:
    """The room at this address, for pages about one message or person in it; an admin needs no invite."""
    user = present_viewer().user
    return finding.find_any(code) if user is not None and roles.is_admin(user) else the_room(code)


def present_door() -> bans.Evidence:
    """Who stands at the door of a private room, as this request tells it."""
    user, config = present_viewer().user, current_app.config["CHATPOP"]
    return speaking.evidence(user, present_evidence(), config)


def the_place(room: Room) -> tuple[User, Participation]:
    """The viewer and their place in the room. Raises :class:`NotInRoom` with the way to join."""
    user = present_viewer().user
    return _own(room, user, finding.find_participation(room.id, user))


def _own(room: Room, user: User | None, place: Participation | None) -> tuple[User, Participation]:
    if user is None or place is None:
        refusal = NotInRoomVisitor if user is None else NotInRoom
        raise refusal(mend=url_for("participations.new", code=room.code))
    return user, place


def remember_invite(room: Room, response: ResponseReturnValue) -> ResponseReturnValue:
    """Let this browser into a private room from now on; the cookie names the room, nobody else."""
    answer = make_response(response)
    value = cookies.sign(str(room.id), "invite")
    answer.set_cookie(
        _invite_cookie(room.code),
        value,
        max_age=INVITE_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure,
    )
    return answer


def number_of(name: str) -> int | None:
    """A log number from the query, or None when it is not there. Raises :class:`BadNumber`."""
    text = request.args.get(name)
    if text is None:
        return None
    return parse_number(text)


def parse_number(text: str) -> int:
    """A log number as clients send it. Raises :class:`BadNumber`."""
    if not (text.isascii() and text.isdigit() and len(text) <= 19 and int(text) <= MAX_SEQ):
        raise BadNumber
    return int(text)


def reply_field(body: dict[str, Any]) -> int | None:
    """The number of the answered message in a JSON body, if there is one. Raises :class:`BadNumber`."""
    value = body.get("reply_to")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= MAX_SEQ or value % 1:
        raise BadNumber
    return int(value)


def _invited_to(code: str) -> int | None:
    cleaned = finding.clean_code(code)
    signed = request.cookies.get(_invite_cookie(cleaned)) if cleaned else None
    value = cookies.unsign(signed, "invite") if signed else None
    return int(value) if value else None


def _invite_cookie(code: str) -> str:
    return f"chatpop_invite_{code}"
