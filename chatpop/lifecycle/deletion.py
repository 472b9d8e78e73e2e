"""Deleting an account: at once for the person and everything private, then by a job for the messages.

What is left until the job is done is a row without a name, address or credential. Names are nobody's for
good, so that nobody can pose as who has left.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from chatpop.core import clock, database, errands
from chatpop.core.errors import LoginRequired
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity.models import (
    Device,
    Handover,
    Passkey,
    PasskeyChallenge,
    PersonalAccessToken,
    ResumeCode,
    User,
)
from chatpop.identity.models import Session as LoginSession
from chatpop.lifecycle import archive, export
from chatpop.lifecycle.models import Deletion, Merge, MessageFate
from chatpop.names.models import Name, NameState
from chatpop.push.models import PushSubscription
from chatpop.rooms import mentioning
from chatpop.rooms.history import LogEntry
from chatpop.rooms.live import live
from chatpop.rooms.mention_models import Mention
from chatpop.rooms.models import EventKind, Message, Moderator, Mute, Participation, Room, RoomEvent
from chatpop.rooms.numbering import next_seq
from chatpop.rooms.reaction_models import Reaction
from chatpop.uploads import retention

JOB = "finish-deletion"
SOMEBODY = "Somebody who left"
"""The blanks keep it apart from every name that can be claimed."""
BATCH = 200
_PRIVATE = (
    PushSubscription,
    Device,
    LoginSession,
    ResumeCode,
    Handover,
    Passkey,
    PasskeyChallenge,
    PersonalAccessToken,
    Participation,
    Moderator,
    Mute,
    Reaction,
    Mention,
)


def delete_account(user: User, fate: MessageFate, folder: Path) -> None:
    """End the account in one transaction; the job goes through the messages. Raises ``LoginRequired``."""
    with transaction() as session:
        owner = session.get(User, user.id, with_for_update=True)
        if owner is None or not owner.is_active:
            raise LoginRequired
        _let_go(session, owner.id)
        files = export.drop_exports(session, owner.id)
        _blank(owner)
        session.add(Deletion(user_id=owner.id, messages=fate.value, requested_at=clock.now()))
    archive.remove(folder, files)
    errands.send(JOB, user.id)


def finish_deletion(user_id: int) -> int:
    """Go through the messages batch by batch, then delete the account's row; returns how many messages.

    Each batch takes away the author of what it has done: so it may be killed at any moment and run again.
    """
    total = 0
    while count := _step(user_id):
        total += count
    return total


def finish_deletions() -> int:
    """Finish every deletion whose job was lost; returns how many there were."""
    with database.reading(), db.engine.connect() as connection:
        waiting = connection.scalars(select(Deletion.user_id)).all()
    for user_id in waiting:
        finish_deletion(user_id)
    return len(waiting)


def _let_go(session: Session, user_id: int) -> None:
    """Names are nobody's, rooms have no host; what is private is gone, and every file that hangs on no message."""
    names = update(Name).where(Name.user_id == user_id)
    session.execute(_quietly(names.values(user_id=None, state=NameState.RETIRED, rests_until=None)))
    session.execute(_quietly(update(Room).where(Room.host_id == user_id).values(host_id=None)))
    retention.delete_loose_of(session, user_id)
    guests = select(Merge.guest_id).where(Merge.member_id == user_id)
    session.execute(_quietly(delete(User).where(User.id.in_(guests))))
    for private in _PRIVATE:
        session.execute(_quietly(delete(private).where(private.user_id == user_id)))


def _blank(user: User) -> None:
    user.username = SOMEBODY
    user.email = user.password_hash = None
    user.fingerprint_hash = user.fingerprint_data = None
    user.registration_ip = user.last_login_ip = None
    user.is_admin, user.is_abandoned, user.abandoned_at = False, True, clock.now()
    user.epoch += 1


def _step(user_id: int) -> int:
    """One batch; 0 once the account's row has gone.

    The row's lock keeps two runs apart, and waits for a message that was on its way when the account ended.
    """
    with transaction() as session:
        owner = session.get(User, user_id, with_for_update=True)
        deletion = session.get(Deletion, user_id)
        if owner is None or deletion is None:
            return 0
        if deletion.messages == MessageFate.REMOVE:
            count, entries = _remove(session, user_id)
        else:
            count, entries = _relabel(session, user_id, MessageFate(deletion.messages)), []
        if count == 0:
            session.execute(_quietly(delete(User).where(User.id == user_id)))
    for entry in entries:
        live.announce(entry.message.room_id, entry.seq, entry.kind, entry)
    return count


def _relabel(session: Session, user_id: int, fate: MessageFate) -> int:
    """Nobody's messages, under the retired name or none."""
    some = select(Message.id).where(Message.author_id == user_id).limit(BATCH)
    values: dict[str, Any] = {"author_id": None}
    if fate == MessageFate.RELABEL:
        values |= {"author_name": SOMEBODY, "author_is_verified": False}
    done = session.execute(_quietly(update(Message).where(Message.id.in_(some)).values(**values)))
    return int(done.rowcount)  # type: ignore[attr-defined]


def _remove(session: Session, user_id: int) -> tuple[int, list[LogEntry]]:
    """Each removal takes a number of its room's log, as a deletion by the author would."""
    some = select(Message).where(Message.author_id == user_id).order_by(Message.room_id, Message.seq).limit(BATCH)
    messages = session.scalars(some.with_for_update()).all()
    entries = [entry for message in messages if (entry := _take_back(session, message)) is not None]
    return len(messages), entries


def _take_back(session: Session, message: Message) -> LogEntry | None:
    is_new, now = message.deleted_at is None, clock.now()
    retention.delete_of_message(session, message.id)
    mentioning.forget(session, message.id)
    message.author_id, message.author_name, message.author_is_verified, message.body = None, SOMEBODY, False, ""
    if not is_new:
        return None
    message.deleted_at = now
    seq, code = next_seq(session, message.room_id), session.get_one(Room, message.room_id).code
    session.add(
        RoomEvent(room_id=message.room_id, seq=seq, kind=EventKind.DELETE, message_id=message.id, created_at=now)
    )
    return LogEntry(seq, EventKind.DELETE, message, code)


def _quietly(statement: Any) -> Any:
    return statement.execution_options(synchronize_session=False)
