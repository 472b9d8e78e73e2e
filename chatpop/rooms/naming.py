"""Names as they are used in one room."""

from __future__ import annotations

from sqlalchemy import select

from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.names.key import canonical_key
from chatpop.rooms.models import Participation


def is_in_use(room_id: int, name: str, *, but_for: User | None) -> bool:
    """Whether somebody other than ``but_for`` is in the room under ``name``, or one that looks like it.

    A forgotten guest's place does not count: the name may have come back from its rest.
    """
    used = (
        select(Participation.id)
        .join(User, User.id == Participation.user_id)
        .where(
            Participation.room_id == room_id,
            Participation.name_key == canonical_key(name),
            User.is_abandoned.is_(False),
        )
    )
    if but_for is not None:
        used = used.where(Participation.user_id != but_for.id)
    return db.session.scalar(used.limit(1)) is not None
