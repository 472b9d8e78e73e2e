"""Finding rooms: only among those the viewer may see."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from functools import cache

from sqlalchemy import ScalarSelect, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import joinedload

from chatpop.core import clock
from chatpop.core.database import BigId
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
) -> Room:
    """The room alone; see :func:`find_with_place`."""
    return find_with_place(code, user, invited_to=invited_to, evidence=evidence)[0]


def find_with_place(
    code: str,
    user: User | None,
    *,
    invited_to: int | None = None,
    evidence: Callable[[], bans.Evidence] | None = None,
    writer: bans.Evidence | None = None,
) -> tuple[Room, Participation | None]:
    """The room with this code, as far as the viewer may see it, and their place there, in one query.

    ``invited_to`` is the id of the room whose invite link this browser has opened. A banned account sees
    nothing of the room. ``evidence`` tells of the browser: a banned device or network reads no private room,
    unless its account has a place there already. ``writer`` is given for writing: then a ban of it from the
    whole site counts. Raises :class:`RoomNotFound`, ``Banned``.
    """
    room, ban_id, place = _load(code, user, writer)
    if room is None:
        raise RoomNotFound
    if ban_id is not None:
        raise Banned(db.session.get_one(Ban, ban_id))
    if room.is_private and place is None and (user is None or room.host_id != user.id):
        if invited_to != room.id:
            raise RoomNotFound
        met = bans.find(evidence(), room.id) if evidence is not None else None
        if met is not None:
            raise Banned(met)
    return room, place


def find_any(code: str) -> Room:
    """The room with this code, whoever may see it: for the site's admins. Raises :class:`RoomNotFound`."""
    room, *_ = _load(code, None)
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


def find_by_invite(code: str, invite: str) -> Room:
    """The room that an invite link leads to. A public room needs no invite. Raises :class:`RoomNotFound`."""
    cleaned = clean_code(code)
    room: Room | None = db.session.scalar(select(Room).where(Room.code == cleaned)) if cleaned else None
    if room is None or (room.is_private and not secrets.compare_digest(room.invite.encode(), invite.encode())):
        raise RoomNotFound
    return room


def _load(
    code: str, user: User | None, writer: bans.Evidence | None = None
) -> tuple[Room | None, int | None, Participation | None]:
    """The room, the id of the ban that keeps the account out, and its place, in one query."""
    cleaned = clean_code(code)
    if cleaned is None:
        return None, None, None
    if user is None:
        return db.session.scalar(select(Room).where(Room.code == cleaned)), None, None
    row = db.session.execute(_room_of_account(), {"code": cleaned, **ban_terms(user.id, writer)}).one_or_none()
    return (row[0], row[1], row[2]) if row is not None else (None, None, None)


@cache
def _room_of_account() -> Select[Room, int, Participation]:
    """Kept, like every statement of a message's way: to build one takes longer than to run it."""
    own = (Participation.room_id == Room.id) & (Participation.user_id == bindparam("user_id"))
    return (
        select(Room, banned_by(), Participation)
        .outerjoin(Participation, own)
        .where(Room.code == bindparam("code"))
        .options(joinedload(Participation.mute), joinedload(Participation.moderator))
    )


def banned_by() -> ScalarSelect[int]:
    """In a query of rooms: the id of the ban that keeps an account out of the row's room, or null.

    A host is never shut out of their own room: a merge can bring them a ban from it. A ban of the writer's
    device or network counts where it is of the whole site. The values are :func:`ban_terms`.
    """
    everywhere, user_id = Ban.room_id.is_(None), bindparam("user_id", type_=BigId)
    here = or_(everywhere, and_(Ban.room_id == Room.id, Room.host_id.is_distinct_from(user_id)))
    met = or_(
        and_(Ban.user_id == user_id, here),
        and_(Ban.fingerprint_hash == bindparam("fingerprint_hash"), everywhere),
        and_(Ban.network == bindparam("network"), everywhere),
    )
    return select(Ban.id).where(met, bans.in_force(bindparam("now"))).limit(1).correlate(Room).scalar_subquery()


def ban_terms(user_id: int, writer: bans.Evidence | None = None) -> dict[str, object]:
    """What :func:`banned_by` asks about; what is not known meets no ban."""
    network = writer.network if writer is not None and writer.network != UNKNOWN else None
    fingerprint_hash = writer.fingerprint_hash if writer is not None else None
    return {"user_id": user_id, "fingerprint_hash": fingerprint_hash, "network": network, "now": clock.now()}
