"""Whether nothing stands in the way of a message, asked in one plain query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from sqlalchemy import Select, and_, bindparam, exists, or_, select

from chatpop.core import clock, database
from chatpop.core.database import Moment
from chatpop.extensions import db
from chatpop.identity import bans
from chatpop.identity.models import Session, User
from chatpop.identity.seeing import TOUCH
from chatpop.identity.tokens import Access
from chatpop.rooms.finding import ban_terms, banned_by
from chatpop.rooms.models import Message, Mute, Participation, Room


@dataclass(frozen=True, slots=True)
class Cleared:
    """Who writes where, as far as a message needs it."""

    user_id: int
    username: str
    is_registered: bool
    room_id: int
    invite: str
    name: str
    name_key: str

    @property
    def tier(self) -> str:
        return "member" if self.is_registered else "guest"


def clear(access: Access, code: str, client_id: str, evidence: bans.Evidence) -> Cleared | None:
    """The author and the room; None says only that the long way has to be taken.

    ``evidence`` is a guest's. A member whom it meets is judged there too: their account alone counts.
    """
    now = clock.now()
    asked: dict[str, object] = {
        **ban_terms(access.user_id, evidence),
        "session_id": access.session_id,
        "epoch": access.epoch,
        "code": code,
        "client_id": client_id,
        "seen_since": now - TOUCH + timedelta(seconds=1),
    }
    with database.looking(db.engine) as connection:
        row = connection.execute(_clearance(), asked).one_or_none()
    return Cleared(*row) if row is not None else None


@cache
def _clearance() -> Select[int, str, bool, int, str, str, str]:
    """Built once: that takes longer than asking it."""
    is_here = and_(Participation.user_id == User.id, Participation.room_id == Room.id)
    is_muted = exists().where(Mute.user_id == User.id, Mute.room_id == Room.id)
    is_known = exists().where(
        Message.author_id == User.id, Message.room_id == Room.id, Message.client_id == bindparam("client_id")
    )
    return (
        select(
            User.id,
            User.username,
            User.is_registered,
            Room.id.label("room_id"),
            Room.invite,
            Participation.name,
            Participation.name_key,
        )
        .join(Session, Session.user_id == User.id)
        .join(Room, Room.code == bindparam("code"))
        .join(Participation, is_here)
        .where(
            User.id == bindparam("user_id"),
            Session.id == bindparam("session_id"),
            Session.revoked_at.is_(None),
            User.epoch == bindparam("epoch"),
            User.is_disabled.is_(False),
            User.is_abandoned.is_(False),
            User.last_seen_at > bindparam("seen_since", type_=Moment()),
            Room.slow_mode_seconds == 0,
            or_(Room.closed_to_guests_at.is_(None), User.is_registered.is_(True)),
            banned_by().is_(None),
            ~is_muted,
            ~is_known,
        )
    )
