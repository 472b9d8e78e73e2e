"""Banning from one room: the account always, its device and its network by choice."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete

from chatpop.core import clock
from chatpop.core.errors import NotFound
from chatpop.core.texts import text
from chatpop.core.transactions import transaction
from chatpop.identity import bans
from chatpop.identity.bans import Ban
from chatpop.identity.models import User
from chatpop.rooms.live import live
from chatpop.rooms.models import Moderator, Room
from chatpop.rooms.moderation import roles
from chatpop.rooms.moderation.kicking import end_place
from chatpop.rooms.moderation.muting import BadLength
from chatpop.rooms.moderation.persons import Person

FOR_GOOD = "forever"
LENGTHS = {
    "1h": (text("an hour"), timedelta(hours=1)),
    "1d": (text("a day"), timedelta(days=1)),
    "7d": (text("a week"), timedelta(days=7)),
    "30d": ("30 days", timedelta(days=bans.MOST_DAYS)),
    FOR_GOOD: (text("for good"), None),
}


class BanNotFound(NotFound):
    code, sentence = "ban_not_found", "There is no such ban in this room any more."


def ban(room: Room, actor: User, person: Person, length: str, kinds: set[str], reason: str = "") -> list[Ban]:
    """Shut the person out under all their names; ``kinds`` beyond the account are ``device`` and ``network``.

    Their place and their being a moderator end with it. Raises ``BadLength``, ``BanNeedsEnd``,
    ``NothingToBan``, ``NotLookingAfter``, ``OutOfReach``.
    """
    if length not in LENGTHS:
        raise BadLength
    span = LENGTHS[length][1]
    with transaction() as session:
        _, target = roles.check_reach(session, room, actor, person.user.id)
        if target is None:
            raise bans.NothingToBan
        placed = bans.place(
            session,
            target,
            kinds={bans.ACCOUNT, *kinds},
            room_id=room.id,
            until=clock.now() + span if span is not None else None,
            reason=reason,
            shown_name=person.name,
            by=actor,
        )
        end_place(session, room, target.id)
        session.execute(delete(Moderator).where(Moderator.room_id == room.id, Moderator.user_id == target.id))
    live.recheck(room.id)
    return placed


def unban(room: Room, actor: User, ban_id: int) -> Ban:
    """Lift a ban of this room, and what was placed with it. Raises :class:`BanNotFound`, ``NotLookingAfter``."""
    with transaction() as session:
        roles.check_looks_after(session.get_one(Room, room.id), actor)
        found = session.get(Ban, ban_id)
        if found is None or found.room_id != room.id:
            raise BanNotFound
        for row in bans.placed_with(session, found):
            bans.lift(session, row, actor)
    return found
