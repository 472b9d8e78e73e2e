"""Moderators: whom the host lets look after the room, and to whom the host can hand it over."""

from __future__ import annotations

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from chatpop.core import clock
from chatpop.core.errors import DomainError, NotFound
from chatpop.core.texts import text
from chatpop.core.transactions import transaction
from chatpop.identity import audit
from chatpop.identity.models import User
from chatpop.rooms.models import Moderator, Mute, Participation, Room
from chatpop.rooms.moderation import roles
from chatpop.rooms.moderation.persons import Person
from chatpop.settings import registry

MOST = 20


class NotHere(DomainError):
    status, code, sentence = 409, "not_here", "This person is not in the room under that name any more."


class TooManyModerators(DomainError):
    status, code, sentence = 409, "too_many_moderators", text("A room has at most %(most)s moderators.", most=MOST)


class ModeratorNotFound(NotFound):
    code, sentence = "moderator_not_found", "This person is no moderator of the room."


class HostsEnough(DomainError):
    status, code = 409, "hosts_enough"
    sentence = "This person hosts as many rooms as they may and can't take another one."


def promote(room: Room, actor: User, person: Person) -> Moderator:
    """Let the person look after the room, under whatever name; a mute ends. Doing it twice is doing it once.

    Raises ``NotLeading``, ``OutOfReach``, :class:`NotHere`, :class:`TooManyModerators`.
    """
    with transaction() as session:
        found, _ = roles.check_reach(session, room, actor, person.user.id)
        roles.check_leads(found, actor)
        if not person.is_here:
            raise NotHere
        row = _row(session, room, person.user.id)
        if row is not None:
            return row
        if (session.scalar(select(func.count(Moderator.id)).where(Moderator.room_id == room.id)) or 0) >= MOST:
            raise TooManyModerators
        session.execute(delete(Mute).where(Mute.room_id == room.id, Mute.user_id == person.user.id))
        row = _appoint(session, room, actor, person.user, person.name)
        audit.record(session, "promoted", actor=actor, subject=person.user, subject_name=person.name, room_id=room.id)
    return row


def demote(room: Room, actor: User, moderator_id: int) -> Moderator:
    """Take the right away. Raises ``NotLeading``, :class:`ModeratorNotFound`."""
    with transaction() as session:
        roles.check_leads(session.get_one(Room, room.id), actor)
        row = session.get(Moderator, moderator_id)
        if row is None or row.room_id != room.id:
            raise ModeratorNotFound
        subject = session.get(User, row.user_id)
        audit.record(session, "demoted", actor=actor, subject=subject, subject_name=row.shown_name, room_id=room.id)
        session.delete(row)
    return row


def hand_over(room: Room, actor: User, moderator_id: int) -> str:
    """Make a moderator the host, and return their name there; who was it before becomes a moderator.

    Raises ``NotLeading``, :class:`ModeratorNotFound`, :class:`HostsEnough`.
    """
    with transaction() as session:
        found = session.get_one(Room, room.id, with_for_update=True)
        roles.check_leads(found, actor)
        row = session.get(Moderator, moderator_id)
        heir = session.get(User, row.user_id, with_for_update=True) if row is not None else None
        if row is None or heir is None or row.room_id != room.id or not heir.is_active:
            raise ModeratorNotFound
        _check_room_for_more(session, heir)
        name, former = row.shown_name, session.get(User, found.host_id) if found.host_id is not None else None
        session.delete(row)
        found.host_id = heir.id
        session.flush()
        if former is not None:
            _appoint(session, room, actor, former, _name_in(session, room, former))
        audit.record(session, "room_handed_over", actor=actor, subject=heir, subject_name=name, room_id=room.id)
    return name


def _row(session: Session, room: Room, user_id: int) -> Moderator | None:
    found: Moderator | None = session.scalar(
        select(Moderator).where(Moderator.room_id == room.id, Moderator.user_id == user_id)
    )
    return found


def _appoint(session: Session, room: Room, actor: User, user: User, name: str) -> Moderator:
    row = Moderator(room_id=room.id, user_id=user.id, shown_name=name, appointed_by=actor.id, appointed_at=clock.now())
    session.add(row)
    session.flush()
    return row


def _check_room_for_more(session: Session, heir: User) -> None:
    limit = (registry.MAX_ROOMS_MEMBER if heir.is_registered else registry.MAX_ROOMS_GUEST).get()
    if (session.scalar(select(func.count(Room.id)).where(Room.host_id == heir.id)) or 0) >= limit:
        raise HostsEnough


def _name_in(session: Session, room: Room, user: User) -> str:
    used = select(Participation.name).where(Participation.room_id == room.id, Participation.user_id == user.id)
    return session.scalar(used) or user.username
