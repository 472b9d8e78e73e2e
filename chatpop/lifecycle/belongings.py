"""What belongs to a person, row by row: how a merge moves it to another account, and how an undo moves it back.

An undo moves back what still is the member's and is older than the merge: ids alone would not do, because
SQLite gives the id of a deleted row to the next one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, insert, literal, null, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from chatpop.core import ids
from chatpop.identity.bans import Ban
from chatpop.identity.models import Device
from chatpop.lifecycle.models import Merge, MergeItem
from chatpop.names.key import canonical_key
from chatpop.names.models import Name
from chatpop.push import subscriptions
from chatpop.push.models import PushSubscription
from chatpop.rooms.mention_models import Mention
from chatpop.rooms.models import Message, Moderator, Mute, Participation, Room
from chatpop.rooms.reaction_models import Reaction
from chatpop.rooms.report_models import Ignore
from chatpop.rooms.tags import author_tag
from chatpop.uploads import retention
from chatpop.uploads.models import Upload


@dataclass(frozen=True, slots=True)
class Belonging:
    """A table whose rows have an owner: how they are counted, and since when they exist."""

    kind: str
    model: Any
    owner: InstrumentedAttribute[Any]
    since: InstrumentedAttribute[datetime]
    once_in: InstrumentedAttribute[Any] | None = None
    """Of what an owner has one at most: where the member has one already, the guest's stays behind."""

    def of_guest(self, merge: Merge) -> ColumnElement[bool]:
        """The guest's rows that a merge moves."""
        own: ColumnElement[bool] = self.owner == merge.guest_id
        if self.once_in is None:
            return own
        its_own = select(self.once_in).where(self.owner == merge.member_id)
        return and_(own, self.once_in.not_in(its_own))


NAMES = Belonging("name", Name, Name.user_id, Name.claimed_at)
PLACES = Belonging("place", Participation, Participation.user_id, Participation.joined_at)
MESSAGES = Belonging("message", Message, Message.author_id, Message.created_at)
PUSHES = Belonging("push", PushSubscription, PushSubscription.user_id, PushSubscription.created_at)
REACTIONS = Belonging("reaction", Reaction, Reaction.user_id, Reaction.created_at)
BELONGINGS = (
    Belonging("room", Room, Room.host_id, Room.created_at),
    NAMES,
    PLACES,
    Belonging("ban", Ban, Ban.user_id, Ban.placed_at),
    Belonging("mute", Mute, Mute.user_id, Mute.placed_at, once_in=Mute.room_id),
    Belonging("moderator", Moderator, Moderator.user_id, Moderator.appointed_at, once_in=Moderator.room_id),
    MESSAGES,
    REACTIONS,
    Belonging("ignore", Ignore, Ignore.user_id, Ignore.created_at, once_in=Ignore.tag),
    Belonging("mention", Mention, Mention.user_id, Mention.created_at),
    Belonging("upload", Upload, Upload.owner_id, Upload.created_at),
    PUSHES,
)
"""In this order they are locked, by a merge and by an undo alike."""
SPELLING, CLIENT_ID, ENDED, TWIN, DEVICE = "spelling", "client_id", "ended", "twin", "device"
_ENDED_FIELDS = ("room_id", "name", "name_key", "joined_at", "read_seq")
_TWIN_FIELDS = ("message_id", "emoji", "tag", "name", "created_at")
_DEVICE_FIELDS = ("secret_hash", "previous_hash", "label", "created_at", "rotated_at", "last_seen_at")


def move_to_member(session: Session, merge: Merge) -> None:
    """Everything of the guest becomes the member's, and the record says what. Inside the caller's transaction."""
    _end_shared_places(session, merge)
    _lengthen_mutes(session, merge)
    _give_new_client_ids(session, merge)
    _end_twin_reactions(session, merge)
    for name in session.scalars(select(Name).where(Name.user_id == merge.guest_id)).all():
        _record(session, merge, SPELLING, name.id, {"kind": name.kind, "display": name.display})
    marks = _Marks(
        Message.author_id == merge.guest_id, Reaction.user_id == merge.guest_id, Participation.user_id == merge.guest_id
    )
    _tag_anew(session, marks, merge.guest_id, merge.member_id)
    for part in BELONGINGS:
        found = select(literal(merge.id), literal(part.kind), part.model.id, null().label("before")).where(
            part.of_guest(merge)
        )
        session.execute(insert(MergeItem).from_select(["merge_id", "kind", "row_id", "before"], found))
        session.execute(_quietly(update(part.model).where(part.of_guest(merge)), part, merge.member_id))
    retention.recount(session, merge.guest_id, merge.member_id)


def move_back(session: Session, merge: Merge) -> None:
    """The opposite, from the record. What was given up since stays given up."""
    marks = _Marks(_moved(merge, MESSAGES), _moved(merge, REACTIONS), _moved(merge, PLACES))
    _tag_anew(session, marks, merge.member_id, merge.guest_id)
    for part in BELONGINGS:
        session.execute(_quietly(update(part.model).where(_moved(merge, part)), part, merge.guest_id))
    retention.recount(session, merge.guest_id, merge.member_id)
    for item in _items(session, merge, SPELLING):
        values = item.before or {}
        session.execute(update(Name).where(Name.id == item.row_id, Name.user_id == merge.guest_id).values(**values))
    for item in _items(session, merge, CLIENT_ID):
        own = update(Message).where(Message.id == item.row_id, Message.author_id == merge.guest_id)
        session.execute(own.values(**(item.before or {})))
    for item in _items(session, merge, ENDED):
        if session.get(Room, item.row_id) is not None:
            session.add(Participation(user_id=merge.guest_id, **_read(item.before)))
    for item in _items(session, merge, TWIN):
        if session.get(Message, (item.before or {})["message_id"]) is not None:
            session.add(Reaction(user_id=merge.guest_id, **_read(item.before)))


def park_devices(session: Session, merge: Merge) -> None:
    """Take the guest's browsers away, so that none of them can wake the account; an undo has them back."""
    own = select(Device).where(Device.user_id == merge.guest_id, Device.revoked_at.is_(None))
    for device in session.scalars(own).all():
        _record(session, merge, DEVICE, device.id, _written(device, _DEVICE_FIELDS))
    session.execute(delete(Device).where(Device.user_id == merge.guest_id))


def bring_devices_back(session: Session, merge: Merge) -> None:
    session.add_all(Device(user_id=merge.guest_id, **_read(item.before)) for item in _items(session, merge, DEVICE))


def keep_telling(session: Session, merge: Merge, session_id: int | None) -> None:
    """What told the guest tells the member, while this session of the member lasts; before the browsers are parked."""
    if session_id is not None:
        subscriptions.move_to_session(session, merge.member_id, _moved(merge, PUSHES), session_id)


def names_moved(session: Session, merge: Merge) -> Sequence[Name]:
    """The names that came with the guest and still are the member's."""
    return session.scalars(select(Name).where(_moved(merge, NAMES))).all()


def _end_shared_places(session: Session, merge: Merge) -> None:
    """Where both are in one room the member's place stays."""
    rooms = select(Participation.room_id).where(Participation.user_id == merge.member_id)
    ended = select(Participation).where(Participation.user_id == merge.guest_id, Participation.room_id.in_(rooms))
    for place in session.scalars(ended).all():
        _record(session, merge, ENDED, place.room_id, _written(place, _ENDED_FIELDS))
        session.delete(place)
    session.flush()


def _lengthen_mutes(session: Session, merge: Merge) -> None:
    """Where both are muted in one room the later end holds, for good: a merge and its undo end no mute."""
    other = aliased(Mute)
    shared = select(Mute, other.until).join(other, (other.room_id == Mute.room_id) & (other.user_id == merge.guest_id))
    for mute, until in session.execute(shared.where(Mute.user_id == merge.member_id)).all():
        mute.until = max(mute.until, until)
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


def _end_twin_reactions(session: Session, merge: Merge) -> None:
    """Where both have set the same sign under one message the member's stays: one person, one sign."""
    other = aliased(Reaction)
    twins = select(Reaction).join(
        other,
        (other.message_id == Reaction.message_id)
        & (other.emoji == Reaction.emoji)
        & (other.user_id == merge.member_id),
    )
    for reaction in session.scalars(twins.where(Reaction.user_id == merge.guest_id)).all():
        _record(session, merge, TWIN, reaction.id, _written(reaction, _TWIN_FIELDS))
        session.delete(reaction)
    session.flush()


@dataclass(frozen=True, slots=True)
class _Marks:
    """Which messages, reactions and places carry the tags of the one who gives them away."""

    written: ColumnElement[bool]
    reacted: ColumnElement[bool]
    placed: ColumnElement[bool]


def _tag_anew(session: Session, marks: _Marks, giver_id: int, taker_id: int) -> None:
    """Tags are made of the account: what one person did under one name in a room must go on to have one.

    Who is ignored or called under the old tag is so under the new one.
    """
    written = select(Room, Message.author_name).join(Message, Message.room_id == Room.id).where(marks.written)
    reacted = select(Room, Reaction.name).select_from(Reaction).join(Message, Message.id == Reaction.message_id)
    reacted = reacted.join(Room, Room.id == Message.room_id).where(marks.reacted)
    present = select(Room, Participation.name).join(Participation, Participation.room_id == Room.id).where(marks.placed)
    groups = {(room, name) for found in (written, reacted, present) for room, name in session.execute(found.distinct())}
    for room, name in groups:
        old, new = (
            author_tag(room, Participation(user_id=user_id, name_key=canonical_key(name)))
            for user_id in (giver_id, taker_id)
        )
        signs = update(Reaction).where(marks.reacted, Reaction.tag == old)
        session.execute(signs.values(tag=new).execution_options(synchronize_session=False))
        same = update(Message).where(marks.written, Message.room_id == room.id, Message.author_name == name)
        session.execute(same.values(author_tag=new).execution_options(synchronize_session=False))
        ignored = update(Ignore).where(Ignore.room_id == room.id, Ignore.tag == old)
        session.execute(ignored.values(tag=new).execution_options(synchronize_session=False))
        called = update(Mention).where(Mention.user_id == giver_id, Mention.tag == old)
        session.execute(called.values(tag=new).execution_options(synchronize_session=False))


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
