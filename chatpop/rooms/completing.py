"""Completing a name that somebody has begun to write: who in the room is called so."""

from __future__ import annotations

from sqlalchemy import or_, select

from chatpop.core import limits
from chatpop.core.errors import TooMany
from chatpop.core.limits import Bucket
from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.names.key import canonical_key
from chatpop.names.models import MAX_NAME_LENGTH
from chatpop.rooms import ignoring
from chatpop.rooms.mentioning import is_active
from chatpop.rooms.models import Participation, Room
from chatpop.rooms.tags import author_tag

MOST_FOUND = 8
MINUTE = 60
LOOKUPS_PER_MINUTE = 120


class TooManyLookups(TooMany):
    code, sentence = "too_many_lookups", "You have looked for many names in the last minute. Please wait a little."


def find_people(room: Room, user: User, begun: str) -> list[Participation]:
    """Others in the room whose name begins so, in any look-alike spelling; nobody whom ``user`` ignores.

    Raises :class:`TooManyLookups`.
    """
    if not 1 <= len(begun) <= MAX_NAME_LENGTH or not begun.isascii() or not begun.isprintable():
        return []
    _charge(user)
    name, key = Participation.name.istartswith(begun, autoescape=True), canonical_key(begun)
    like = or_(name, Participation.name_key.startswith(key, autoescape=True)) if key else name
    ignored = {row.tag for row in ignoring.ignored_in(room, user)}
    others = select(Participation).join(User, User.id == Participation.user_id)
    found = db.session.scalars(
        others.where(Participation.room_id == room.id, Participation.user_id != user.id, like, *is_active())
        .order_by(Participation.name_key)
        .limit(MOST_FOUND + len(ignored))
    )
    return [place for place in found if author_tag(room, place) not in ignored][:MOST_FOUND]


def _charge(user: User) -> None:
    try:
        limits.spend([Bucket("lookups", f"user:{user.id}", LOOKUPS_PER_MINUTE, MINUTE)], without_redis=True)
    except limits.BucketEmpty as refusal:
        raise TooManyLookups(limit=refusal.limit, retry_after=refusal.retry_after or 1) from None
