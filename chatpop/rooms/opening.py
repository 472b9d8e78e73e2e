"""Opening a room; for a visitor it is a first action that makes them a guest and the host."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from chatpop.config import Config
from chatpop.core import clock, ids
from chatpop.core.errors import DomainError
from chatpop.core.texts import text
from chatpop.core.transactions import transaction
from chatpop.identity import guests
from chatpop.identity.guests import Newcomer, Welcome
from chatpop.identity.models import User
from chatpop.identity.viewer import Viewer
from chatpop.names import holds, registry, rolling
from chatpop.rooms.joining import enter, release_holds
from chatpop.rooms.models import Room
from chatpop.settings import registry as settings

CODE_TRIES = 5
NAME_TRIES = 3


class TooManyRooms(DomainError):
    status, code = 429, "too_many_rooms"


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants to open; checked by the form."""

    name: str
    topic: str
    visibility: str


@dataclass(frozen=True, slots=True)
class Opened:
    """The room. ``welcome`` is set when a visitor has become a guest on the way."""

    room: Room
    welcome: Welcome | None


def open_room(draft: Draft, viewer: Viewer, newcomer: Newcomer, config: Config) -> Opened:
    """Open a room with the viewer as its host, present under their account name.

    Raises :class:`TooManyRooms`, ``TooManyGuests``, ``NoNameFree``, ``ServiceAway``.
    """
    if viewer.user is not None:
        return Opened(_open_as_user(draft, viewer.user), None)
    with guests.one_at_a_time(newcomer) as known_id:
        if known_id is not None:
            welcome = guests.let_in_again(known_id, newcomer, config)
            return Opened(_open_as_user(draft, welcome.user), welcome)
        return _open_as_newcomer(draft, newcomer, config)


def _open_as_user(draft: Draft, user: User) -> Room:
    limit = (settings.MAX_ROOMS_MEMBER if user.is_registered else settings.MAX_ROOMS_GUEST).get()
    for attempt in range(CODE_TRIES):
        try:
            with transaction() as session:
                # The account's row is the lock: parallel openings of one person are counted one by one.
                session.execute(select(User.id).where(User.id == user.id).with_for_update())
                hosted = session.scalar(select(func.count(Room.id)).where(Room.host_id == user.id)) or 0
                if hosted >= limit:
                    raise TooManyRooms(
                        text(
                            "You already host %(hosted)s rooms, and %(limit)s is the most. Close one of them first.",
                            hosted=hosted,
                            limit=limit,
                        )
                    )
                room = _add(draft, user)
                session.add(room)
                session.flush()
                enter(session, room, user, user.username)
                return room
        except IntegrityError:
            if attempt == CODE_TRIES - 1:
                raise
    raise AssertionError("unreachable")


def _open_as_newcomer(draft: Draft, newcomer: Newcomer, config: Config) -> Opened:
    guests.charge(newcomer)
    newcomer = replace(newcomer, visitor_id=newcomer.visitor_id or ids.short_token())
    roller = f"visitor:{newcomer.visitor_id}"
    for attempt in range(NAME_TRIES):
        held = holds.tray(roller) if attempt == 0 else []
        name = held[0] if held else rolling.fresh_name(roller)
        try:
            with transaction() as session:
                welcome = guests.make(session, name, newcomer, config)
                room = _add(draft, welcome.user)
                session.add(room)
                session.flush()
                enter(session, room, welcome.user, name)
        except (registry.NameTaken, IntegrityError):
            continue  # the held name was claimed meanwhile, or the code is in use: once more
        guests.remember(newcomer, welcome.user)
        release_holds([roller], welcome.user, name)
        return Opened(room, welcome)
    raise rolling.NoNameFree


def _add(draft: Draft, host: User) -> Room:
    now = clock.now()
    return Room(
        code=ids.room_code(),
        name=draft.name,
        topic=draft.topic,
        visibility=draft.visibility,
        invite=ids.secret_token(),
        host_id=host.id,
        last_seq=0,
        created_at=now,
        active_at=now,
    )
