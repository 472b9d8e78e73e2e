"""What belongs to a person, row by row: how a merge moves it to another account, and how an undo moves it back.

An undo moves back what still is the member's and is older than the merge: ids alone would not do, because
SQLite gives the id of a deleted row to the next one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, insert, literal, null, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from chatpop.core import ids
from chatpop.identity.models import Device
from chatpop.lifecycle.models import Merge, MergeItem
from chatpop.names.key import canonical_key
from chatpop.names.models import Name
from chatpop.rooms.models import Message, Participation, Room
from chatpop.rooms.posting import author_tag


@dataclass(frozen=True, slots=True)
class Belonging:
    """A table whose rows have an owner: how they are counted, and since when they exist."""

    kind: str
    model: Any
    owner: InstrumentedAttribute[Any]
    since: InstrumentedAttribute[datetime]


BELONGINGS = (
    Belonging("room", Room, Room.host_id, Room.created_at),
    Belonging("name", Name, Name.user_id, Name.claimed_at),
    Belonging("place", Participation, Participation.user_id, Participation.joined_at),
    Belonging("message", Message, Message.author_id, Message.created_at),
)
"""In this order they are locked, by a merge and by an undo alike."""
SPELLING, CLIENT_ID, ENDED, DEVICE = "spelling", "client_id", "ended", "device"
_ENDED_FIELDS = ("room_id", "name", "name_key", "joined_at")
_DEVICE_FIELDS = ("secret_hash", "previous_hash", "label", "created_at", "rotated_at", "last_seen_at")


def move_to_member(session: Session, merge: Merge) -> None:
    """Everything of the guest becomes the member's, and the record says what. Inside the caller's transaction."""
    _end_shared_places(session, merge)
    _give_new_client_ids(session, merge)
    for name in session.scalars(select(Name).where(Name.user_id == merge.guest_id)).all():
        _record(session, merge, SPELLING, name.id, {"kind": name.kind, "display": name.display})
    _tag_anew(session, Message.author_id == merge.guest_id, merge.member_id)
    for part in BELONGINGS:
        found = select(literal(merge.id), literal(part.kind), part.model.id, null().label("before")).where(
            part.owner == merge.guest_id
        )
        session.execute(insert(MergeItem).from_select(["merge_id", "kind", "row_id", "before"], found))
        session.execute(_quietly(update(part.model).where(part.owner == merge.guest_id), part, merge.member_id))


def move_back(session: Session, merge: Merge) -> None:
    """The opposite, from the record. What was given up since stays given up."""
    _tag_anew(session, _moved(merge, BELONGINGS[-1]), merge.guest_id)
    for part in BELONGINGS:
        session.execute(_quietly(update(part.model).where(_moved(merge, part)), part, merge.guest_id))
    for item in _items(session, merge, SPELLING):
        values = item.before or {}
        session.execute(update(Name).where(Name.id == item.row_id, Name.user_id == merge.guest_id).values(**values))
    for item in _items(session, merge, CLIENT_ID):
        own = update(Message).where(Message.id == item.row_id, Message.author_id == merge.guest_id)
        session.execute(own.values(**(item.before or {})))
    for item in _items(session, merge, ENDED):
        if session.get(Room, item.row_id) is not None:
            session.add(Participation(user_id=merge.guest_id, **_read(item.before)))


def park_devices(session: Session, merge: Merge) -> None:
    """Take the guest's browsers away, so that none of them can wake the account; an undo has them back."""
    own = select(Device).where(Device.user_id == merge.guest_id, Device.revoked_at.is_(None))
    for device in session.scalars(own).all():
        _record(session, merge, DEVICE, device.id, _written(device, _DEVICE_FIELDS))
    session.execute(delete(Device).where(Device.user_id == merge.guest_id))


def bring_devices_back(session: Session, merge: Merge) -> None:
    session.add_all(Device(user_id=merge.guest_id, **_read(item.before)) for item in _items(session, merge, DEVICE))


def names_moved(session: Session, merge: Merge) -> Sequence[Name]:
    """The names that came with the guest and still are the member's."""
    return session.scalars(select(Name).where(_moved(merge, BELONGINGS[1]))).all()


def _end_shared_places(session: Session, merge: Merge) -> None:
    """Where both are in one room the member's place stays."""
    rooms = select(Participation.room_id).where(Participation.user_id == merge.member_id)
    ended = select(Participation).where(Participation.user_id == merge.guest_id, Participation.room_id.in_(rooms))
    for place in session.scalars(ended).all():
        _record(session, merge, ENDED, place.room_id, _written(place, _ENDED_FIELDS))
        session.delete(place)
    session.flush()


def _give_new_client_ids(session: Session, merge: Merge) -> None:
    """Programs count ``client_id`` from 1: two accounts may have used the same one in one room."""
    other = aliased(Message)
    twins = select(Message).join(
        other,
        (other.room_id == Message.room_id)
        & (other.client_id == Message.client_id)
        & (other.author_id == merge.member_id),
    )
    for message in session.scalars(twins.where(Message.author_id == merge.guest_id)).all():
        _record(session, merge, CLIENT_ID, message.id, {"client_id": message.client_id})
        message.client_id = ids.short_token()
    session.flush()


def _tag_anew(session: Session, which: ColumnElement[bool], user_id: int) -> None:
    """Tags are made of the account: one person's messages under one name in a room must go on to have one."""
    groups = session.execute(
        select(Room, Message.author_name).join(Message, Message.room_id == Room.id).where(which).distinct()
    ).all()
    for room, name in groups:
        tag = author_tag(room, Participation(user_id=user_id, name_key=canonical_key(name)))
        same = update(Message).where(which, Message.room_id == room.id, Message.author_name == name)
        session.execute(same.values(author_tag=tag).execution_options(synchronize_session=False))


def _moved(merge: Merge, part: Belonging) -> ColumnElement[bool]:
    recorded: Select[int] = select(MergeItem.row_id).where(MergeItem.merge_id == merge.id, MergeItem.kind == part.kind)
    moved: ColumnElement[bool] = (
        part.model.id.in_(recorded) & (part.owner == merge.member_id) & (part.since <= merge.merged_at)
    )
    return moved


def _quietly(statement: Any, part: Belonging, owner_id: int) -> Any:
    return statement.values({part.owner.key: owner_id}).execution_options(synchronize_session=False)


def _items(session: Session, merge: Merge, kind: str) -> Sequence[MergeItem]:
    return session.scalars(select(MergeItem).where(MergeItem.merge_id == merge.id, MergeItem.kind == kind)).all()


def _record(session: Session, merge: Merge, kind: str, row_id: int, before: dict[str, Any]) -> None:
    session.add(MergeItem(merge_id=merge.id, kind=kind, row_id=row_id, before=before))
    session.flush()


def _written(row: object, fields: Sequence[str]) -> dict[str, Any]:
    values = {field: getattr(row, field) for field in fields}
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in values.items()}


def _read(before: dict[str, Any] | None) -> dict[str, Any]:
    return {
        key: datetime.fromisoformat(value) if key.endswith("_at") and value else value
        for key, value in (before or {}).items()
    }
