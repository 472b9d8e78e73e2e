"""Kicking: somebody's place in the room ends; they may come back."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.orm import Session

from chatpop.core.transactions import transaction
from chatpop.identity import audit
from chatpop.identity.models import User
from chatpop.rooms.live import live
from chatpop.rooms.models import Participation, Room
from chatpop.rooms.moderation import roles
from chatpop.rooms.moderation.persons import Person


def kick(room: Room, actor: User, person: Person, reason: str = "") -> None:
    """Take the person's place away; open streams of theirs end. Doing it twice is doing it once.

    Raises ``NotLookingAfter``, ``OutOfReach``.
    """
    with transaction() as session:
        roles.check_reach(session, room, actor, person.user.id)
        if not end_place(session, room, person.user.id):
            return
        audit.record(
            session,
            "kicked",
            actor=actor,
            subject=person.user,
            subject_name=person.name,
            room_id=room.id,
            reason=reason.strip()[:200],
        )
    live.recheck(room.id)


def end_place(session: Session, room: Room, user_id: int) -> bool:
    """Inside the caller's transaction; whether there was one."""
    gone = session.execute(
        delete(Participation).where(Participation.room_id == room.id, Participation.user_id == user_id)
    )
    return bool(gone.rowcount)  # type: ignore[attr-defined]
