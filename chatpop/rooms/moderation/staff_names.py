"""Names that look like those of somebody who looks after the room (SECURITY, row 34)."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from chatpop.core.errors import DomainError
from chatpop.identity.models import User
from chatpop.names.key import canonical_key
from chatpop.rooms.models import Moderator, Participation, Room


class LooksLikeStaff(DomainError):
    status, code = 400, "looks_like_staff"
    sentence = "This name looks too much like that of somebody who looks after this room. Roll another one."


def check(session: Session, room: Room, name: str, user_id: int | None) -> None:
    """Whether ``user_id`` (None: a newcomer) may use ``name``. Raises :class:`LooksLikeStaff`.

    Compared by canonical key with the names that the host and the moderators have in the room, and with
    the account names of those of them that are members.
    """
    key = canonical_key(name)
    if any(is_near(key, other) for other in _keys(session, room, user_id)):
        raise LooksLikeStaff


def is_near(one: str, other: str) -> bool:
    """Whether one letter put in, left out or exchanged makes one text the other; equal texts are near too."""
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1:
        return False
    start = next((place for place, letter in enumerate(one) if letter != other[place]), len(one))
    if len(one) == len(other):
        return one[start + 1 :] == other[start + 1 :]
    return one[start:] == other[start + 1 :]


def _keys(session: Session, room: Room, user_id: int | None) -> set[str]:
    moderators = select(Moderator.user_id).where(Moderator.room_id == room.id)
    rows = session.execute(
        select(User.id, User.username, User.is_registered, Participation.name_key)
        .outerjoin(Participation, (Participation.user_id == User.id) & (Participation.room_id == room.id))
        .where(or_(User.id == room.host_id, User.id.in_(moderators)))
    )
    keys: set[str] = set()
    for row in rows:
        if row.id == user_id:
            continue
        keys.update([row.name_key] if row.name_key else [])
        if row.is_registered and "@" not in row.username:
            keys.add(canonical_key(row.username))
    return keys
