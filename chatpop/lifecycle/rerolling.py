"""Forcing a re-roll: a name that may not stay is replaced by a fresh one, in the account or in its rooms.

The old name is nobody's for good. What was written under it keeps it, unless it is relabelled.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from chatpop.core.errors import NotFound, ServiceAway
from chatpop.core.texts import text
from chatpop.core.transactions import transaction
from chatpop.identity import audit, disabling, notices
from chatpop.identity.models import User
from chatpop.names import holds, registry, rolling
from chatpop.names.key import canonical_key
from chatpop.names.models import Name, NameKind, NameState
from chatpop.rooms.live import live
from chatpop.rooms.mention_models import Mention
from chatpop.rooms.models import Message, Moderator, Mute, Participation, Room
from chatpop.rooms.reaction_models import Reaction
from chatpop.rooms.report_models import Ignore
from chatpop.rooms.tags import author_tag

TRIES = 3


class NameNotInUse(NotFound):
    code, sentence = "name_not_in_use", "This account has no such name in use."


@dataclass(frozen=True, slots=True)
class Rerolled:
    old: str
    new: str


def reroll(user_id: int, name: str, *, relabel: bool, by: User | None) -> Rerolled:
    """Replace ``name``, which is one of the account's, by a fresh generated one.

    The person is told once. Members still log in with their e-mail address, and with the new name.
    Raises ``AccountNotFound``, :class:`NameNotInUse`, ``NoNameFree``, ``ServiceAway``.
    """
    roller = f"user:{user_id}"
    for _ in range(TRIES):
        fresh = rolling.fresh_name(roller)
        try:
            with transaction() as session:
                user = disabling.load(session, user_id)
                old = _retire(session, user, name)
                _take(session, user, old, fresh)
                rooms = _rename_places(session, user, old.key, fresh)
                if relabel:
                    _relabel(session, user, old.key, fresh)
                _tell(session, user, old.display, fresh, relabel=relabel, by=by)
        except registry.NameTaken:
            continue  # the hold was lost between the roll and the claim
        finally:
            with suppress(ServiceAway):
                holds.release(roller, fresh)
        for room_id in rooms:
            live.recheck(room_id)
        return Rerolled(old.display, fresh)
    raise rolling.NoNameFree


def _retire(session: Session, user: User, name: str) -> Name:
    if not name.isascii():
        raise NameNotInUse
    row: Name | None = session.scalar(
        select(Name).where(Name.key == canonical_key(name), Name.user_id == user.id, Name.state == NameState.ACTIVE)
    )
    if row is None:
        raise NameNotInUse
    row.state, row.rests_until = NameState.RETIRED, None
    return row


def _take(session: Session, user: User, old: Name, fresh: str) -> None:
    kind = NameKind(old.kind)
    registry.claim(session, fresh, user_id=user.id, kind=kind, rollers=[f"user:{user.id}"])
    if canonical_key(user.username) == old.key:
        user.username = fresh


def _rename_places(session: Session, user: User, old_key: str, fresh: str) -> list[int]:
    """The rooms where the person was under the old name, and now is under the new one."""
    places = session.scalars(
        select(Participation).where(Participation.user_id == user.id, Participation.name_key == old_key)
    ).all()
    for place in places:
        for role in (Moderator, Mute):  # they were given to the person under the name that goes
            held = update(role).where(
                role.room_id == place.room_id, role.user_id == user.id, role.shown_name == place.name
            )
            session.execute(_quietly(held.values(shown_name=fresh)))
        place.name, place.name_key = fresh, canonical_key(fresh)
    return [place.room_id for place in places]


def _relabel(session: Session, user: User, old_key: str, fresh: str) -> None:
    """Old messages and reactions get the new name, and its tag; whoever ignored the person goes on ignoring them."""
    written = select(Room, Message.author_name, Message.author_tag).join(Message, Message.room_id == Room.id)
    reacted = select(Room, Reaction.name, Reaction.tag).select_from(Reaction)
    reacted = reacted.join(Message, Message.id == Reaction.message_id).join(Room, Room.id == Message.room_id)
    groups = {
        (room, name, tag)
        for found in (written.where(Message.author_id == user.id), reacted.where(Reaction.user_id == user.id))
        for room, name, tag in session.execute(found.distinct())
    }
    for room, name, old_tag in groups:
        if canonical_key(name) != old_key:
            continue
        tag = author_tag(room, Participation(user_id=user.id, name_key=canonical_key(fresh)))
        messages = update(Message).where(
            Message.room_id == room.id, Message.author_id == user.id, Message.author_tag == old_tag
        )
        session.execute(_quietly(messages.values(author_name=fresh, author_tag=tag)))
        signs = update(Reaction).where(Reaction.user_id == user.id, Reaction.tag == old_tag)
        session.execute(_quietly(signs.values(name=fresh, tag=tag)))
        ignored = update(Ignore).where(Ignore.room_id == room.id, Ignore.tag == old_tag)
        session.execute(_quietly(ignored.values(tag=tag, name=fresh)))
        called = update(Mention).where(Mention.user_id == user.id, Mention.tag == old_tag)
        session.execute(_quietly(called.values(tag=tag)))


def _tell(session: Session, user: User, old: str, fresh: str, *, relabel: bool, by: User | None) -> None:
    said = text(
        "The people who run this site have replaced your name: you are %(fresh)s now, no longer %(old)s.",
        fresh=fresh,
        old=old,
    )
    if user.email:
        said = text(
            "The people who run this site have replaced your name: you are %(fresh)s now, no longer %(old)s. "
            "You can log in with your e-mail address as before.",
            fresh=fresh,
            old=old,
        )
    notices.leave(session, user.id, said)
    audit.record(
        session,
        "name_rerolled",
        actor=by,
        subject=user,
        subject_name=fresh,
        old=old,
        new=fresh,
        messages="relabelled" if relabel else "kept",
    )


def _quietly(statement: Any) -> Any:
    return statement.execution_options(synchronize_session=False)
