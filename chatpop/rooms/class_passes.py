"""Class passes: thirty pupils behind one address get into one room, for two hours.

A pass opens nothing by itself: who has its link may roll and join in that one room without being counted
for their network; all who use the pass share its own two caps instead.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Select, String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from chatpop.core import clock, ids, limits
from chatpop.core.database import BigId, Moment
from chatpop.core.errors import DomainError, NotFound, TooMany
from chatpop.core.limits import Bucket
from chatpop.core.transactions import transaction
from chatpop.extensions import Base, db
from chatpop.identity.models import User
from chatpop.rooms.models import Room
from chatpop.settings import registry

LIFE = timedelta(hours=2)
HOUR = 3600
PASSES_PER_HOUR = 6
"""Passes one network may make: without a bound, rooms opened for it would lift every other limit."""


class ClassPass(Base):
    """A host's pass for one room. The secret is kept as it is: the host shows it on a wall."""

    __tablename__ = "class_passes"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"), index=True)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    secret: Mapped[str] = mapped_column(String(16))
    made_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)


class NotTheHost(DomainError):
    status, code, sentence = 403, "not_the_host", "Only the host of a room can let a class in."


class TooManyPasses(TooMany):
    code = "too_many_passes"
    sentence = "Too many class passes were made from your network in the last hour. The ones you have still work."


class PassNotFound(NotFound):
    code = "pass_not_found"
    sentence = "This class pass has ended. Ask the host of the room for a new one."


def check_host(room: Room, user: User) -> None:
    """Only the host may hand out passes. Raises :class:`NotTheHost`."""
    if room.host_id != user.id:
        raise NotTheHost


def make(room: Room, host: User, network: Sequence[Bucket]) -> ClassPass:
    """A fresh pass for ``room``. ``network`` are the buckets of ``PASSES_PER_HOUR``. Raises :class:`TooManyPasses`."""
    try:
        limits.spend(network)
    except limits.BucketEmpty as refusal:
        raise TooManyPasses(limit=refusal.limit, retry_after=refusal.retry_after or 1) from None
    now = clock.now()
    made = ClassPass(room_id=room.id, made_by=host.id, secret=ids.short_token(), made_at=now, expires_at=now + LIFE)
    with transaction() as session:
        session.execute(delete(ClassPass).where(ClassPass.room_id == room.id, ClassPass.expires_at <= now))
        session.add(made)
    return made


def end(room: Room, pass_id: int) -> None:
    """Take a pass back, at once and everywhere. Raises :class:`PassNotFound`."""
    with transaction() as session:
        found = session.get(ClassPass, pass_id)
        if found is None or found.room_id != room.id:
            raise PassNotFound
        found.revoked_at = found.revoked_at or clock.now()


def in_force(room: Room) -> list[ClassPass]:
    """The passes of ``room`` that can be used now, newest first."""
    return list(db.session.scalars(_usable(room.id).order_by(ClassPass.id.desc())))


def find(room_id: int, pass_id: int) -> ClassPass | None:
    """The pass with this number, if it can be used in the room now."""
    found: ClassPass | None = db.session.scalar(_usable(room_id).where(ClassPass.id == pass_id))
    return found


def find_by_secret(code: str, secret: str) -> tuple[Room, ClassPass]:
    """What a pass's link leads to. Raises :class:`PassNotFound`, the same for every kind of wrong link."""
    room = db.session.scalar(select(Room).where(Room.code == code))
    for found in in_force(room) if room is not None else []:
        if room is not None and secrets.compare_digest(found.secret.encode(), secret.encode()):
            return room, found
    raise PassNotFound


def roll_buckets(used: ClassPass) -> list[Bucket]:
    """What rolls under the pass are charged to in place of the network's buckets."""
    amount = registry.MAX_ROLLS_PER_CLASS_PASS.get()
    return [Bucket("class-pass-rolls", str(used.id), amount, registry.ROLL_WINDOW_SECONDS.get())]


def guest_buckets(used: ClassPass) -> list[Bucket]:
    """What new guests under the pass are charged to in place of the network's buckets."""
    return [Bucket("class-pass-guests", str(used.id), registry.MAX_ROLLS_PER_CLASS_PASS.get(), HOUR)]


def _usable(room_id: int) -> Select[ClassPass]:
    return select(ClassPass).where(
        ClassPass.room_id == room_id, ClassPass.revoked_at.is_(None), ClassPass.expires_at > clock.now()
    )
