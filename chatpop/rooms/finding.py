"""Finding rooms: only among those the viewer may see."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from sqlalchemy import func, select

from chatpop.core.errors import NotFound
from chatpop.core.ids import CODE_ALPHABET, CODE_LENGTH
from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.rooms.models import Participation, Room, Visibility

HOME_ROOMS = 30


class RoomNotFound(NotFound):
    """No room of this code, or a private one that the viewer has no part in: the same answer."""

    code = "room_not_found"
    sentence = "There is no room with this code, or it is private and needs its invite link."


def clean_code(text: str) -> str | None:
    """A room code as people type it, in any case and with blanks or dashes; None if it can't be one."""
    code = "".join(char for char in text.upper() if char not in " -\t")
    if len(code) == CODE_LENGTH and all(char in CODE_ALPHABET for char in code):
        return code
    return None


def find_room(code: str, user: User | None, *, invited_to: int | None = None) -> Room:
    """The room with this code, as far as the viewer may see it. Raises :class:`RoomNotFound`.

    ``invited_to`` is the id of the room whose invite link this browser has opened.
    """
    cleaned = clean_code(code)
    room: Room | None = db.session.scalar(select(Room).where(Room.code == cleaned)) if cleaned else None
    if room is None:
        raise RoomNotFound
    if room.is_private and invited_to != room.id and not _belongs(room, user):
        raise RoomNotFound
    return room


def find_participation(room_id: int, user: User | None) -> Participation | None:
    """The user's place in the room, if they have one."""
    if user is None:
        return None
    found: Participation | None = db.session.scalar(
        select(Participation).where(Participation.room_id == room_id, Participation.user_id == user.id)
    )
    return found


def public_rooms() -> Sequence[Room]:
    """The public rooms for the home page, the liveliest first."""
    statement = select(Room).where(Room.visibility == Visibility.PUBLIC).order_by(Room.active_at.desc())
    return db.session.scalars(statement.limit(HOME_ROOMS)).all()


def rooms_of(user: User | None) -> Sequence[Room]:
    """The rooms that a user is in, the liveliest first."""
    if user is None:
        return []
    statement = select(Room).join(Participation).where(Participation.user_id == user.id)
    return db.session.scalars(statement.order_by(Room.active_at.desc()).limit(HOME_ROOMS)).all()


def count_hosted(user_id: int) -> int:
    """How many rooms the account hosts at present."""
    return db.session.scalar(select(func.count(Room.id)).where(Room.host_id == user_id)) or 0


def _belongs(room: Room, user: User | None) -> bool:
    return user is not None and (room.host_id == user.id or find_participation(room.id, user) is not None)


def find_by_invite(code: str, invite: str) -> Room:
    """The room that an invite link leads to. A public room needs no invite. Raises :class:`RoomNotFound`."""
    cleaned = clean_code(code)
    room: Room | None = db.session.scalar(select(Room).where(Room.code == cleaned)) if cleaned else None
    if room is None or (room.is_private and not secrets.compare_digest(room.invite.encode(), invite.encode())):
        raise RoomNotFound
    return room
