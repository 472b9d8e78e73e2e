"""Ignoring a person in one room: their messages are hidden for the one who ignores, and for nobody else.

Kept by tag: the same account under another name, or in another room, is another person here. So the list
of whom one ignores tells nobody which names belong together.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from chatpop.core import clock, limits
from chatpop.core.errors import DomainError, TooMany
from chatpop.core.limits import Bucket
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.rooms import tags
from chatpop.rooms.models import Room
from chatpop.rooms.report_models import Ignore

HOUR = 3600
IGNORES_PER_HOUR = 60


class IgnoringYourself(DomainError):
    status, code, sentence = 422, "ignoring_yourself", "You can't ignore yourself."


class TooManyIgnores(TooMany):
    code = "too_many_ignores"
    sentence = "You have ignored many people in the last hour. Please wait a little."


def ignore(room: Room, user: User, tag: str) -> Ignore:
    """Hide who stands behind ``tag`` from ``user`` in this room. Doing it twice is doing it once.

    Raises ``PersonNotFound``, :class:`IgnoringYourself`, :class:`TooManyIgnores`.
    """
    person = tags.find(room, tag)
    if person.user_id == user.id:
        raise IgnoringYourself
    _charge(user)
    row = Ignore(user_id=user.id, room_id=room.id, tag=person.tag, name=person.name, created_at=clock.now())
    try:
        with transaction() as session:
            session.add(row)
    except IntegrityError:
        return _existing(room, user, tag) or row
    return row


def stop(room: Room, user: User, tag: str) -> None:
    """See this person's messages again; nothing happens if they were not ignored."""
    with transaction() as session:
        session.execute(delete(Ignore).where(Ignore.user_id == user.id, Ignore.room_id == room.id, Ignore.tag == tag))


def ignored_in(room: Room, user: User | None) -> Sequence[Ignore]:
    """Whom ``user`` ignores in the room, by name."""
    if user is None:
        return []
    mine = select(Ignore).where(Ignore.user_id == user.id, Ignore.room_id == room.id)
    return db.session.scalars(mine.order_by(Ignore.name)).all()


def is_ignored(room: Room, user: User | None, tag: str) -> bool:
    return user is not None and _existing(room, user, tag) is not None


def _existing(room: Room, user: User, tag: str) -> Ignore | None:
    found: Ignore | None = db.session.scalar(
        select(Ignore).where(Ignore.user_id == user.id, Ignore.room_id == room.id, Ignore.tag == tag)
    )
    return found


def _charge(user: User) -> None:
    try:
        limits.spend([Bucket("ignores", f"user:{user.id}", IGNORES_PER_HOUR, HOUR)], without_redis=True)
    except limits.BucketEmpty as refusal:
        raise TooManyIgnores(limit=refusal.limit, retry_after=refusal.retry_after or 1) from None
