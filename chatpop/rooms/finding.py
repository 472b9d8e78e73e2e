"""Finding rooms: only among those the viewer may see."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence

from sqlalchemy import ScalarSelect, and_, func, or_, select
from sqlalchemy.orm import joinedload

from chatpop.core.errors import DomainError, NotFound
from chatpop.core.ids import CODE_ALPHABET, CODE_LENGTH
from chatpop.extensions import db
from chatpop.identity import bans
from chatpop.identity.bans import Ban, Banned
from chatpop.identity.models import User
from chatpop.rooms.models import Participation, Room, Visibility
from chatpop.web.client_address import UNKNOWN

HOME_ROOMS = 30


class RoomNotFound(NotFound):
    """No room of this code, or a private one that the viewer has no part in: the same answer."""

    code = "room_not_found"
    sentence = "There is no room with this code, or it is private and needs its invite link."


class MessageNotFound(NotFound):
    code, sentence = "message_not_found", "There is no such message in this room."


class MessageGone(DomainError):
    status, code, sentence = 409, "message_is_deleted", "This message has been deleted."


def clean_code(text: str) -> str | None:
    """A room code as people type it, in any case and with blanks or dashes; None if it can't be one."""
    code = "".join(char for char in text.upper() if char not in " -\t")
    if len(code) == CODE_LENGTH and all(char in CODE_ALPHABET for char in code):
        return code
    return None


def find_room(
    code: str,
    user: User | None,
    *,
    invited_to: int | None = None,
    evidence: Callable[[], bans.Evidence] | None = None,
    writer: bans.Evidence | None = None,
) -> Room:
    """The room with this code, as far as the viewer may see it. Raises :class:`RoomNotFound`, ``Banned``.

    ``invited_to`` is the id of the room whose invite link this browser has opened. A banned account sees
    nothing of the room. ``evidence`` tells of the browser: a banned device or network reads no private room,
    unless its account has a place there already. All of it costs a member of a public room one query.
    ``writer`` is given for writing: then a ban of it from the whole site counts, in the same query.
    """
    room, ban_id = _load(code, user, writer)
    if room is None:
        raise RoomNotFound
    if ban_id is not None:
        raise Banned(db.session.get_one(Ban, ban_id))
    if room.is_private and not _belongs(room, user):
        if invited_to != room.id:
            raise RoomNotFound
        met = bans.find(evidence(), room.id) if evidence is not None else None
        if met is not None:
            raise Banned(met)
    return room


def find_any(code: str) -> Room:
    """The room with this code, whoever may see it: for the site's admins. Raises :class:`RoomNotFound`."""
    room, _ = _load(code, None)
    if room is None:
        raise RoomNotFound
    return room


def find_participation(room_id: int, user: User | None) -> Participation | None:
    """The user's place in the room, if they have one, with what they may do there."""
    if user is None:
        return None
    found: Participation | None = db.session.scalar(
        select(Participation)
        .where(Participation.room_id == room_id, Participation.user_id == user.id)
        .options(joinedload(Participation.mute), joinedload(Participation.moderator))
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


def _load(code: str, user: User | None, writer: bans.Evidence | None = None) -> tuple[Room | None, int | None]:
    """The room, and the id of the ban that keeps the account out, in one query."""
    cleaned = clean_code(code)
    if cleaned is None:
        return None, None
    if user is None:
        return db.session.scalar(select(Room).where(Room.code == cleaned)), None
    row = db.session.execute(select(Room, banned_by(user.id, writer)).where(Room.code == cleaned)).one_or_none()
    return (row[0], row[1]) if row is not None else (None, None)


def banned_by(user_id: int, writer: bans.Evidence | None = None) -> ScalarSelect[int]:
    """In a query of rooms: the id of the ban that keeps the account out of the row's room, or null.

    A host is never shut out of their own room: a merge can bring them a ban from it. A ban of the ``writer``'s
    device or network counts where it is of the whole site.
    """
    here = or_(Ban.room_id.is_(None), and_(Ban.room_id == Room.id, Room.host_id.is_distinct_from(user_id)))
    met = [and_(Ban.user_id == user_id, here)]
    if writer is not None and writer.fingerprint_hash is not None:
        met.append(and_(Ban.fingerprint_hash == writer.fingerprint_hash, Ban.room_id.is_(None)))
    if writer is not None and writer.network not in (None, UNKNOWN):
        met.append(and_(Ban.network == writer.network, Ban.room_id.is_(None)))
    found = select(Ban.id).where(or_(*met), bans.in_force()).limit(1)
    return found.correlate(Room).scalar_subquery()
