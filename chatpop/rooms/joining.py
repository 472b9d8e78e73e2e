"""Joining and leaving a room: a name is claimed, a visitor becomes a guest, a place is taken."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chatpop.config import Config
from chatpop.core import clock
from chatpop.core.errors import DomainError, ServiceAway
from chatpop.core.texts import text
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity import guests
from chatpop.identity.guests import Newcomer, Welcome
from chatpop.identity.models import User
from chatpop.identity.viewer import Viewer
from chatpop.names import holds, registry
from chatpop.names.key import canonical_key
from chatpop.names.models import NameKind, NameState
from chatpop.rooms.finding import find_participation
from chatpop.rooms.models import Participation, Room
from chatpop.rooms.moderation import speaking, staff_names


class NotRolled(DomainError):
    """The name is neither held by the caller nor theirs."""

    status, code = 400, "not_rolled"
    sentence = "Invalid username - not generated for this session"


class AlreadyJoined(DomainError):
    status, code = 400, "already_joined"


@dataclass(frozen=True, slots=True)
class _Door:
    """The room, and what is known of who stands before it."""

    room: Room
    newcomer: Newcomer
    config: Config

    def check(self, user: User | None) -> None:
        speaking.check_may_join(self.room, user, self.newcomer, self.config)


@dataclass(frozen=True, slots=True)
class Joined:
    """The place taken. ``welcome`` is set when a visitor has become a guest on the way."""

    participation: Participation
    is_returning: bool
    welcome: Welcome | None


def join(room: Room, viewer: Viewer, username: str, newcomer: Newcomer, config: Config) -> Joined:
    """Let the viewer into ``room`` under ``username``.

    Raises :class:`NotRolled`, :class:`AlreadyJoined`, ``NameTaken``, ``TooManyGuests``, ``ServiceAway``,
    ``Banned``, ``ClosedToGuests``, ``LooksLikeStaff``.
    """
    door = _Door(room, newcomer, config)
    if viewer.user is not None:
        return _join_as_user(door, viewer.user, username, viewer.rollers)
    with guests.one_at_a_time(newcomer) as known_id:
        if known_id is not None:
            welcome = guests.let_in_again(known_id, newcomer, config)
            joined = _join_as_user(door, welcome.user, username, [f"user:{known_id}", *viewer.rollers])
            return Joined(joined.participation, joined.is_returning, welcome)
        return _join_as_newcomer(door, viewer, username)


def leave(room: Room, user: User) -> bool:
    """Give up the user's place in ``room``; False if there was none. The name stays theirs."""
    with transaction() as session:
        gone = session.execute(
            delete(Participation).where(Participation.room_id == room.id, Participation.user_id == user.id)
        )
        return bool(gone.rowcount)  # type: ignore[attr-defined]


def enter(session: Session, room: Room, user: User, name: str) -> Participation:
    """Take a place in the room inside the caller's transaction."""
    place = Participation(
        room_id=room.id,
        user_id=user.id,
        name=name,
        name_key=canonical_key(name),
        joined_at=clock.now(),
        read_seq=room.last_seq,
    )
    session.add(place)
    session.flush()
    return place


def _join_as_newcomer(door: _Door, viewer: Viewer, username: str) -> Joined:
    newcomer = door.newcomer
    door.check(None)
    rolled = _rolled(viewer.rollers, username)
    if rolled is None:
        raise NotRolled
    registry.check_foreign_hold(rolled, viewer.rollers)
    if registry.standing(rolled) is not None:
        raise registry.NameTaken
    staff_names.check(db.session(), door.room, rolled, None)
    guests.charge(newcomer)
    with transaction() as session:
        welcome = guests.make(session, rolled, newcomer, door.config)
        place = enter(session, door.room, welcome.user, rolled)
    guests.remember(newcomer, welcome.user)
    release_holds(viewer.rollers, welcome.user, rolled)
    return Joined(place, False, welcome)


def _join_as_user(door: _Door, user: User, username: str, rollers: list[str]) -> Joined:
    room = door.room
    found = find_participation(room.id, user)
    if found is not None:
        return Joined(_same_name(found, username), True, None)
    name, is_rolled = _name_for(user, username, rollers)
    try:
        with transaction() as session:
            # The row's lock keeps a ban of the account from being placed between the look and the joining.
            session.execute(select(User.id).where(User.id == user.id).with_for_update())
            door.check(user)
            staff_names.check(session, room, name, user.id)
            if is_rolled:
                registry.claim(session, name, user_id=user.id, kind=NameKind.ROOM, rollers=rollers)
            place = enter(session, room, user, name)
    except IntegrityError:
        found = find_participation(room.id, user)  # another request of the same user was faster
        if found is None:
            raise
        return Joined(_same_name(found, username), True, None)
    if is_rolled:
        _release(rollers, name)
    return Joined(place, False, None)


def _same_name(place: Participation, username: str) -> Participation:
    """The place, if it is the one under this name. Raises :class:`AlreadyJoined`."""
    if not username.isascii() or place.name_key != canonical_key(username):
        raise AlreadyJoined(
            text("You have already joined this room as %(name)s. Leave it first to take another name.", name=place.name)
        )
    return place


def _name_for(user: User, username: str, rollers: list[str]) -> tuple[str, bool]:
    """The name as it is spelled on this site, and whether it still has to be claimed."""
    if not username.isascii():
        raise NotRolled
    standing = registry.standing(username)
    if standing is not None and standing.user_id == user.id and standing.state == NameState.ACTIVE:
        return standing.display, False
    rolled = _rolled(rollers, username)
    if rolled is None:
        raise NotRolled
    return rolled, True


def _rolled(rollers: list[str], username: str) -> str | None:
    if not username.isascii():
        return None
    return next((found for roller in rollers if (found := holds.find_in_tray(roller, username))), None)


def _release(rollers: list[str], name: str) -> None:
    """Give up the claimed name's hold; with Redis away it runs out by itself."""
    try:
        for roller in rollers:
            holds.release(roller, name)
    except ServiceAway:
        return


def release_holds(rollers: list[str], user: User, name: str) -> None:
    """The claimed name is no hold any more; the rest of the tray is the new guest's.

    The place is taken by now, so Redis being away must not turn it into a refusal: the holds then
    run out by themselves.
    """
    try:
        for roller in rollers:
            holds.hand_over(roller, f"user:{user.id}")
    except ServiceAway:
        return
    _release([f"user:{user.id}"], name)
