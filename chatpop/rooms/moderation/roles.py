"""Who looks after a room, and on whom they may act."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from chatpop.core.errors import DomainError
from chatpop.core.texts import text
from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.rooms.models import Moderator, Room


class Role(StrEnum):
    """What somebody may do in a room; only the first two are shown."""

    HOST = "host"
    MODERATOR = "moderator"
    ADMIN = "admin"
    NOBODY = ""

    @property
    def looks_after(self) -> bool:
        return self is not Role.NOBODY

    @property
    def leads(self) -> bool:
        """May appoint moderators, hand the room over, take its log away."""
        return self in (Role.HOST, Role.ADMIN)


class NotLookingAfter(DomainError):
    status, code = 403, "not_looking_after"
    sentence = "Only the host of this room and its moderators can do that."


class NotLeading(DomainError):
    status, code, sentence = 403, "not_the_host", "Only the host of this room can do that."


class OutOfReach(DomainError):
    """The person is one on whom the acting one can't act."""

    status, code = 403, "out_of_reach"


def role_of(room: Room, user: User | None) -> Role:
    """What ``user`` may do in the room at this moment. Admins are members of the site with that right."""
    if user is None:
        return Role.NOBODY
    if room.host_id == user.id:
        return Role.HOST
    if is_moderator(room.id, user.id):
        return Role.MODERATOR
    return Role.ADMIN if is_admin(user) else Role.NOBODY


def is_admin(user: User) -> bool:
    return user.is_admin and user.is_registered and user.is_active


def is_moderator(room_id: int, user_id: int) -> bool:
    found = select(Moderator.id).where(Moderator.room_id == room_id, Moderator.user_id == user_id)
    return db.session.scalar(found) is not None


def check_looks_after(room: Room, user: User) -> Role:
    """The user's role. Raises :class:`NotLookingAfter`."""
    role = role_of(room, user)
    if not role.looks_after:
        raise NotLookingAfter
    return role


def check_leads(room: Room, user: User) -> Role:
    """The user's role. Raises :class:`NotLookingAfter`, :class:`NotLeading`."""
    role = check_looks_after(room, user)
    if not role.leads:
        raise NotLeading
    return role


def check_reach(
    session: Session, room: Room, actor: User, target_id: int | None, *, lock: bool = True
) -> tuple[Room, User | None]:
    """Room and target as they stand now, the target locked (if wanted), if ``actor`` may act on them.

    ``target_id`` is None where the account is gone. For the caller's transaction. Raises
    :class:`NotLookingAfter`, :class:`OutOfReach`.
    """
    target = session.get(User, target_id, with_for_update=lock) if target_id is not None else None
    found = session.get_one(Room, room.id)
    reason = _out_of_reach(found, check_looks_after(found, actor), actor, target_id)
    if reason is not None:
        raise OutOfReach(reason)
    return found, target


def may_act_on(room: Room, role: Role, actor: User, target_id: int | None) -> bool:
    """Whether the verbs would let ``actor`` act on the target: what pages offer."""
    return role.looks_after and _out_of_reach(room, role, actor, target_id) is None


def _out_of_reach(room: Room, role: Role, actor: User, target_id: int | None) -> str | None:
    """Why not, as a sentence."""
    if target_id is None:
        return None
    if target_id == actor.id:
        return text("You can't do that to yourself.")
    if target_id == room.host_id and role is not Role.ADMIN:
        return text("Nobody can do that to the host of this room.")
    if role is Role.MODERATOR and is_moderator(room.id, target_id):
        return text("A moderator can't do that to another moderator. Ask the host.")
    return None
