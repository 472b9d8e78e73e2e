"""How far somebody has read in a room, kept with their place there; and how much is new to them.

What is read is written down when one comes and when one looks away: no log number, one row, and only forwards.
"""

from __future__ import annotations

from contextlib import suppress

from redis.exceptions import RedisError
from sqlalchemy import exists, func, select, update
from sqlalchemy.exc import SQLAlchemyError

from chatpop.core import limits, redis_keys
from chatpop.core.errors import TooMany
from chatpop.core.limits import Bucket
from chatpop.core.transactions import transaction
from chatpop.extensions import db, redis_store
from chatpop.identity.models import User
from chatpop.rooms.models import Message, Participation, Room
from chatpop.rooms.report_models import Ignore

MOST_COUNTED = 100
"""More than that is shown as "99+"."""
AWAY_SECONDS = 86_400
PER_MINUTE, MINUTE = 60, 60


class ReadingTooFast(TooMany):
    code = "reading_too_fast"


def read_up_to(room: Room, place: Participation, seq: int) -> None:
    """Everything up to this log number has been seen; what the log does not have yet has not."""
    seen = min(seq, room.last_seq)
    if seen <= place.read_seq:
        return
    mine = update(Participation).where(Participation.id == place.id, Participation.read_seq < seen)
    with transaction() as session:
        session.execute(mine.values(read_seq=seen).execution_options(synchronize_session=False))


def arrive(room: Room, place: Participation) -> None:
    """The newest page of the room is shown. What can't be written down now keeps nobody from reading."""
    set_away(room.id, place.user_id, is_away=False)
    with suppress(SQLAlchemyError):
        read_up_to(room, place, room.last_seq)


def look_away(room: Room, place: Participation, seq: int, *, is_away: bool) -> None:
    """The page of the room was hidden or left (or is in view again), having shown the log up to ``seq``.

    Raises :class:`ReadingTooFast`.
    """
    try:
        limits.spend([Bucket("reading", f"user:{place.user_id}", PER_MINUTE, MINUTE)], without_redis=True)
    except limits.BucketEmpty as refusal:
        raise ReadingTooFast(limit=refusal.limit, retry_after=refusal.retry_after or 1) from None
    set_away(room.id, place.user_id, is_away=is_away)
    read_up_to(room, place, seq)


def set_away(room_id: int, user_id: int, *, is_away: bool) -> None:
    """Of several pages the last one that said something counts. Not known while Redis is away."""
    key = redis_keys.room_away(room_id, user_id)
    try:
        if is_away:
            redis_store.brief.set(key, 1, ex=AWAY_SECONDS)
        else:
            redis_store.brief.delete(key)
    except RedisError:
        return


def are_away(room_id: int, user_ids: list[int]) -> set[int]:
    """Who of them has looked away. Raises ``RedisError``."""
    if not user_ids:
        return set()
    found = redis_store.client.mget([redis_keys.room_away(room_id, user_id) for user_id in user_ids])
    return {user_id for user_id, value in zip(user_ids, found, strict=True) if value}  # type: ignore[arg-type]


def unread_of(user: User | None) -> dict[int, int]:
    """Room -> how many messages of others are new to the user there, at most :data:`MOST_COUNTED`."""
    if user is None:
        return {}
    ignored = exists().where(
        Ignore.user_id == user.id, Ignore.room_id == Message.room_id, Ignore.tag == Message.author_tag
    )
    new = (
        select(Message.id)
        .where(
            Message.room_id == Participation.room_id,
            Message.seq > Participation.read_seq,
            Message.deleted_at.is_(None),
            Message.author_id.is_distinct_from(user.id),
            ~ignored.correlate(Message),
        )
        .correlate(Participation)
        .limit(MOST_COUNTED)
        .subquery()
    )
    count = select(func.count()).select_from(new).scalar_subquery()
    rows = db.session.execute(
        select(Participation.room_id, count)
        .join(Room, Room.id == Participation.room_id)
        .where(Participation.user_id == user.id, Room.last_seq > Participation.read_seq)
    )
    return {row[0]: row[1] for row in rows}
