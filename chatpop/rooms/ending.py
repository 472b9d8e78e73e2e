"""What the people who run the site do with a room as a whole: hand it to another host, or delete it."""

from __future__ import annotations

from sqlalchemy import delete, select

from chatpop.core.errors import DomainError
from chatpop.core.transactions import transaction
from chatpop.identity import audit
from chatpop.identity.models import User
from chatpop.rooms import tags
from chatpop.rooms.finding import RoomNotFound
from chatpop.rooms.live import live
from chatpop.rooms.models import Moderator, Participation, Room


class NotThere(DomainError):
    status, code, sentence = 422, "not_there", "Only somebody who is in the room can become its host."


def delete_room(room_id: int, *, by: User | None) -> str:
    """Delete the room with everything said in it; returns its name. Raises ``RoomNotFound``.

    Files that hung on its messages go with the job that ends forgotten uploads.
    """
    with transaction() as session:
        room = session.get(Room, room_id, with_for_update=True)
        if room is None:
            raise RoomNotFound
        audit.record(session, "room_deleted", actor=by, subject_name=room.name, code=room.code)
        session.execute(delete(Room).where(Room.id == room_id).execution_options(synchronize_session=False))
    live.recheck(room_id)
    return room.name


def hand_over(room: Room, tag: str, *, by: User | None) -> str:
    """Make who is in the room under ``tag`` its host; returns their name there.

    Raises ``PersonNotFound``, :class:`NotThere`.
    """
    person = tags.find(room, tag)
    with transaction() as session:
        locked = session.get(Room, room.id, with_for_update=True)
        if locked is None:
            raise RoomNotFound
        place = select(Participation.id).join(User, User.id == Participation.user_id)
        here = place.where(
            Participation.room_id == room.id,
            Participation.user_id == person.user_id,
            User.is_abandoned.is_(False),
            User.is_disabled.is_(False),
        )
        if session.scalar(here) is None:
            raise NotThere
        locked.host_id = person.user_id
        session.execute(
            delete(Moderator)
            .where(Moderator.room_id == room.id, Moderator.user_id == person.user_id)
            .execution_options(synchronize_session=False)
        )
        subject = session.get(User, person.user_id)
        audit.record(session, "room_handed_over", actor=by, subject=subject, subject_name=person.name, room_id=room.id)
    return person.name
