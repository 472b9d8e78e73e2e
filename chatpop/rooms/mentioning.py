"""Calling people in a message by ``@`` and the name they have in the room.

Written down with the message, so that it is drawn and told without looking anybody up. A text without an ``@``
costs nothing: callers ask ``"@" in text`` first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from chatpop.core import clock
from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.names.key import canonical_key
from chatpop.rooms.formatting import names_in
from chatpop.rooms.mention_models import Mention
from chatpop.rooms.models import Message, Participation, Room
from chatpop.rooms.report_models import Ignore
from chatpop.rooms.tags import author_tag

MOST_MENTIONS = 20


def store(session: Session, room: Room, message: Message) -> Sequence[Mention]:
    """Write down whom a new message calls, in the transaction that stores it; the rows.

    Only people who are in the room now, by any spelling of their name there that looks alike, 20 at most.
    """
    keys = list(dict.fromkeys(canonical_key(name) for name in names_in(message.body)))[:MOST_MENTIONS]
    if not keys:
        return []
    session.flush()
    called = select(Participation).join(User, User.id == Participation.user_id)
    places = session.scalars(
        called.where(Participation.room_id == room.id, Participation.name_key.in_(keys), *is_active())
    ).all()
    now = clock.now()
    rows = [
        Mention(
            message_id=message.id, user_id=place.user_id, tag=author_tag(room, place), name=place.name, created_at=now
        )
        for place in places
    ]
    session.add_all(rows)
    return rows


def store_anew(session: Session, room: Room, message: Message) -> Sequence[Mention]:
    """The same for a message whose text has changed."""
    forget(session, message.id)
    return store(session, room, message) if "@" in message.body else []


def forget(session: Session, message_id: int) -> None:
    """A message that is taken back calls nobody."""
    session.execute(
        delete(Mention).where(Mention.message_id == message_id).execution_options(synchronize_session=False)
    )


def mentions_of(messages: Iterable[Message], session: Session | None = None) -> dict[int, list[Mention]]:
    """Message id -> whom it calls, in one query; in none where no text has an ``@``.

    ``session`` is one to use in place of the request's.
    """
    wanted = [message.id for message in messages if "@" in message.body]
    found: dict[int, list[Mention]] = {}
    if wanted:
        statement = select(Mention).where(Mention.message_id.in_(wanted)).order_by(Mention.id)
        for row in (session or db.session).scalars(statement):
            found.setdefault(row.message_id, []).append(row)
    return found


def mentioned_user_ids(message: Message) -> list[int]:
    """Whom to tell of the message: who is called and still in the room, but not its author.

    Whoever ignores the author there is not told.
    """
    if "@" not in message.body or message.deleted_at is not None:
        return []
    ignores = select(Ignore.id).where(
        Ignore.user_id == Mention.user_id, Ignore.room_id == message.room_id, Ignore.tag == message.author_tag
    )
    called = (
        select(Mention.user_id)
        .join(User, User.id == Mention.user_id)
        .join(Participation, (Participation.user_id == Mention.user_id) & (Participation.room_id == message.room_id))
        .where(Mention.message_id == message.id, Mention.user_id.is_distinct_from(message.author_id))
        .where(~ignores.exists(), *is_active())
    )
    return sorted(set(db.session.scalars(called)))


def is_active() -> tuple[ColumnElement[bool], ...]:
    """In a query of users: whoever can be called at all."""
    return User.is_abandoned.is_(False), User.is_disabled.is_(False)
