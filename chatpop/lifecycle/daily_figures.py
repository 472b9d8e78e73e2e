"""Figures by day: from visitors to members, without following anybody.

Visitors are a HyperLogLog of keyed hashes whose key is thrown away with the day (``core.tallies``), rolls a counter;
the rest is counted from rows. A day is over at midnight UTC; then an hourly job keeps its figures for good.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import cast

from redis.exceptions import RedisError
from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from chatpop.core import clock, database, redis_keys, tallies
from chatpop.core.transactions import transaction
from chatpop.extensions import db, redis_store
from chatpop.identity.models import RefreshToken, Session, User
from chatpop.identity.sessions import REFRESH
from chatpop.lifecycle.figure_models import DailyFigure
from chatpop.rooms.models import Message

LOOK_BACK = 30
"""Days that the job makes up for when it could not run."""
CAME_BACK_DAYS = REFRESH.days - 1
"""Who came is read off tokens, and they are deleted when they run out."""


class Kind(StrEnum):
    """What is counted, in the order in which people go through it."""

    VISITORS = "visitors"
    ROLLS = "rolls"
    GUESTS = "guests"
    FIRST_MESSAGES = "first_messages"
    CAME_BACK = "came_back"
    MEMBERS = "members"


@dataclass(frozen=True, slots=True)
class Day:
    """The figures of one day; a kind that was not counted then is None."""

    day: date
    counts: dict[Kind, int | None]


def keep() -> int:
    """Keep the figures of the days that are over; returns how many days. Safe to run twice and in parallel."""
    today = clock.now().date()
    wanted = [today - timedelta(days=ago) for ago in range(LOOK_BACK, 0, -1)]
    with database.reading(), db.engine.connect() as connection:
        known = set(connection.scalars(select(DailyFigure.day).where(DailyFigure.day >= wanted[0]).distinct()))
        oldest = connection.scalar(select(func.min(User.created_at)))
    first = oldest.date() if oldest else today - timedelta(days=1)
    return sum(_keep_day(day) for day in wanted if day not in known and day >= first)


def last_days(number: int) -> list[Day]:
    """The last days, oldest first, the last of them today as far as it has gone."""
    today = clock.now().date()
    begin = today - timedelta(days=number - 1)
    with database.reading(), db.engine.connect() as connection:
        rows = connection.execute(
            select(DailyFigure.day, DailyFigure.kind, DailyFigure.count).where(DailyFigure.day >= begin)
        ).all()
    kept = {(day, kind): number for day, kind, number in rows}
    days = [begin + timedelta(days=place) for place in range(number - 1)]
    past = [Day(day, {kind: kept.get((day, kind)) for kind in Kind}) for day in days]
    return [*past, Day(today, _count(today))]


def _keep_day(day: date) -> bool:
    counts = {kind: number for kind, number in _count(day).items() if number is not None}
    try:
        with transaction() as session:
            session.add_all(DailyFigure(day=day, kind=kind, count=number) for kind, number in counts.items())
    except IntegrityError:
        return False  # another worker was faster
    return True


def _count(day: date) -> dict[Kind, int | None]:
    begin = datetime.combine(day, time(), UTC)
    found: dict[Kind, int | None] = dict(_in_redis(day))
    with database.reading(), db.engine.connect() as connection:
        for kind, question in _QUESTIONS.items():
            found[kind] = connection.scalar(question(begin, begin + timedelta(days=1)))
    if clock.now().date() - day > timedelta(days=CAME_BACK_DAYS):
        found[Kind.CAME_BACK] = None
    return {kind: found.get(kind) for kind in Kind}


def _in_redis(day: date) -> dict[Kind, int]:
    """What processes have counted; nothing while Redis is away, or when it has been emptied since."""
    key, visitors = redis_keys.day_tallies(day.isoformat()), redis_keys.day_visitors(day.isoformat())
    try:
        tallies.flush()
        pipe = redis_store.client.pipeline(transaction=False)
        pipe.hget(key, "rolls")
        pipe.pfcount(visitors)
        rolls, seen = cast("tuple[str | None, int]", pipe.execute())
    except RedisError:
        return {}
    return {Kind.VISITORS: seen, Kind.ROLLS: int(rolls or 0)}


def _guests(begin: datetime, end: datetime) -> Select[int]:
    """Made on the day, whatever became of them since; who registered directly never was a guest."""
    was_guest = or_(User.registered_at.is_(None), User.registered_at > User.created_at)
    return select(func.count()).where(User.created_at >= begin, User.created_at < end, was_guest)


def _members(begin: datetime, end: datetime) -> Select[int]:
    return select(func.count()).where(User.registered_at >= begin, User.registered_at < end)


def _first_messages(begin: datetime, end: datetime) -> Select[int]:
    """People who wrote on the day and never before."""
    earlier = aliased(Message)
    wrote = (
        select(Message.author_id.label("author_id"))
        .where(Message.created_at >= begin, Message.created_at < end, Message.author_id.is_not(None))
        .distinct()
        .subquery()
    )
    before = exists().where(earlier.author_id == wrote.c.author_id, earlier.created_at < begin)
    return select(func.count()).select_from(wrote).where(~before)


def _came_back(begin: datetime, end: datetime) -> Select[int]:
    """Accounts of earlier days that were given a token on the day: by coming back, or by staying for 15 minutes.

    The index of tokens is on their end, which is seven days after their issue.
    """
    return (
        select(func.count(Session.user_id.distinct()))
        .join(RefreshToken, RefreshToken.session_id == Session.id)
        .join(User, User.id == Session.user_id)
        .where(RefreshToken.expires_at >= begin + REFRESH, RefreshToken.expires_at < end + REFRESH)
        .where(User.created_at < begin)
    )


_QUESTIONS: dict[Kind, Callable[[datetime, datetime], Select[int]]] = {
    Kind.GUESTS: _guests,
    Kind.FIRST_MESSAGES: _first_messages,
    Kind.CAME_BACK: _came_back,
    Kind.MEMBERS: _members,
}
