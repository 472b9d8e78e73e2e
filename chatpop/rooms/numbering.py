"""The numbers of a room's log."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from chatpop.rooms.models import Room


def next_seq(session: Session, room_id: int, active_at: datetime | None = None) -> int:
    """The room's next log number; holds the room's row until the commit, so numbers come in commit order."""
    values: dict[str, object] = {"last_seq": Room.last_seq + 1}
    if active_at is not None:
        values["active_at"] = active_at
    statement = update(Room).where(Room.id == room_id).values(**values).returning(Room.last_seq)
    return session.execute(statement.execution_options(synchronize_session=False)).scalar_one()
