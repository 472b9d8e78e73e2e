"""Whether an open stream may go on: asked again and again while it is open, by ids alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Executable, bindparam, select
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session as DbSession

from chatpop.core import database
from chatpop.core.database import BigId
from chatpop.extensions import db
from chatpop.identity import bans
from chatpop.identity.models import Session, User
from chatpop.rooms.finding import ban_terms, banned_by
from chatpop.rooms.models import Participation, Room


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody without an account. ``evidence`` is known in private rooms, where a ban of it counts."""

    room_id: int
    evidence: bans.Evidence | None

    @property
    def audience(self) -> str:
        """Visitors of whom the same is known share one answer."""
        known = self.evidence
        return f"visitors:{known.fingerprint_hash}:{known.network}" if known else "visitors"

    def may_go_on(self) -> bool:
        with database.reading(), DbSession(db.engine) as session:
            if session.scalar(select(Room.id).where(Room.id == self.room_id)) is None:
                return False
            return self.evidence is None or bans.find(self.evidence, self.room_id, session) is None


@dataclass(frozen=True, slots=True)
class Account:
    """A guest or member, as they were when the stream began, with their place and its name, if they had one."""

    room_id: int
    user_id: int
    epoch: int
    session_id: int | None
    place_id: int | None
    place_name: str | None = None

    @property
    def audience(self) -> None:
        """Each stream is judged by itself."""
        return None

    def may_go_on(self) -> bool:
        """Not when the account, the session or the place has ended or has another name, or the account is banned."""
        with database.reading(), db.engine.connect() as connection:
            row = connection.execute(_facts(), self._asked()).one_or_none()
        if row is None or row.is_abandoned or row.is_disabled or row.epoch != self.epoch or row.revoked_at is not None:
            return False
        return row.ban_id is None and row.room_id is not None and self._has_place(row)

    def _has_place(self, row: Row[Any]) -> bool:
        return self.place_id is None or (row.place_id is not None and row.place_name == self.place_name)

    def _asked(self) -> dict[str, object]:
        own = {"room_id": self.room_id, "session_id": self.session_id, "place_id": self.place_id}
        return {**own, **ban_terms(self.user_id)}


@cache
def _facts() -> Executable:
    """Kept: it is asked for every reader with an account, every 15 seconds."""
    return (
        select(
            User.is_abandoned,
            User.is_disabled,
            User.epoch,
            Session.revoked_at,
            Room.id.label("room_id"),
            Participation.id.label("place_id"),
            Participation.name.label("place_name"),
            banned_by().label("ban_id"),
        )
        .outerjoin(Session, (Session.id == bindparam("session_id")) & (Session.user_id == User.id))
        .outerjoin(Room, Room.id == bindparam("room_id"))
        .outerjoin(
            Participation,
            (Participation.id == bindparam("place_id"))
            & (Participation.user_id == User.id)
            & (Participation.room_id == Room.id),
        )
        .where(User.id == bindparam("user_id", type_=BigId))
    )


Reading = Visitor | Account
