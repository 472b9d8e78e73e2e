"""The numbers of a room's log."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from sqlalchemy import Connection, Update, bindparam, func, update
from sqlalchemy.orm import Session

from chatpop.core.database import Moment
from chatpop.rooms.models import Room


def next_seq(session: Session, room_id: int, active_at: datetime | None = None) -> int:
    """The room's next log number; holds the room's row until the commit, so numbers come in commit order."""
    return next_seq_on(session.connection(), room_id, active_at)


def next_seq_on(connection: Connection, room_id: int, active_at: datetime | None = None) -> int:
    """The same, on the connection of a writing transaction."""
    number: int = connection.execute(_count_on(), {"room_id": room_id, "moment": active_at}).scalar_one()
    return number


@cache
def _count_on() -> Update:
    moment = bindparam("moment", type_=Moment)
    values = {"last_seq": Room.last_seq + 1, "active_at": func.coalesce(moment, Room.active_at)}
    return update(Room.__table__).where(Room.id == bindparam("room_id")).values(values).returning(Room.last_seq)  # type: ignore[arg-type]
