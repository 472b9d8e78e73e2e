"""Telling a room that somebody is typing. Nothing is stored."""

from __future__ import annotations

from chatpop.core import limits
from chatpop.core.errors import TooMany
from chatpop.core.limits import Bucket
from chatpop.identity.models import User
from chatpop.rooms.live import live
from chatpop.rooms.models import Participation, Room
from chatpop.rooms.moderation import speaking
from chatpop.rooms.tags import author_tag

SIGNS, WINDOW = 30, 60
"""A page gives a sign every three seconds at most; a second one in another room is no harm."""


class TooManySigns(TooMany):
    code, sentence = "too_many_signs", "Too many signs of typing."


def tell(room: Room, user: User, place: Participation) -> None:
    """Raises ``Muted``, ``ClosedToGuests``, :class:`TooManySigns`; while Redis is away nobody hears of it."""
    speaking.check_may_write(room, user, place)
    try:
        limits.spend([Bucket("typing", f"user:{user.id}", SIGNS, WINDOW)], without_redis=True)
    except limits.BucketEmpty as refusal:
        raise TooManySigns(limit=refusal.limit, retry_after=refusal.retry_after or 1) from None
    live.tell_typing(room.id, author_tag(room, place), place.name)
