"""Merging: a guest becomes part of a member, never by itself, and for seven days it can be undone.

Both must be proven: the member by the session, the guest by its browser's secret or its resume code.
Names and messages keep what they say, so nothing public tells that two names are one person's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from chatpop.core import clock
from chatpop.core.errors import DomainError, NotFound
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity import devices, sessions
from chatpop.identity.models import Passkey, ResumeCode, User
from chatpop.lifecycle import belongings
from chatpop.lifecycle.models import Merge
from chatpop.lifecycle.offering import is_mergeable
from chatpop.push import subscriptions

UNDO = timedelta(days=7)
BATCH = 100


class NobodyToMerge(DomainError):
    """The guest is gone, is somebody else than the one shown, or has become a member."""

    status, code = 409, "nobody_to_merge"
    sentence = "This guest can't be merged: it is gone, or this browser has become another one since you looked."


class MergeNotFound(NotFound):
    code = "merge_not_found"
    sentence = "There is no such merge, or its seven days are over."


@dataclass(frozen=True, slots=True)
class Undone:
    """The guest as it was; ``device_secret`` lets the present browser in again."""

    guest: User
    device_secret: str | None


def merge(member: User, guest: User, *, session_id: int | None = None) -> Merge:
    """Make everything of the proven ``guest`` the member's, in one transaction. Raises :class:`NobodyToMerge`.

    The guest ends like an abandoned one. Of two merges at once one wins: both rows are locked first.
    """
    with transaction() as session:
        owner, gone = _lock(session, member.id, guest.id)
        if owner is None or gone is None or not owner.is_active or not owner.is_registered or not is_mergeable(gone):
            raise NobodyToMerge
        now = clock.now()
        record = Merge(
            member_id=owner.id,
            guest_id=gone.id,
            member_name=owner.username,
            fingerprint_hash=gone.fingerprint_hash,
            merged_at=now,
            undo_until=now + UNDO,
        )
        session.add(record)
        session.flush()
        belongings.move_to_member(session, record)
        belongings.keep_telling(session, record, session_id)
        belongings.park_devices(session, record)
        sessions.end_all(session, gone)
        gone.is_abandoned, gone.abandoned_at, gone.fingerprint_hash = True, now, None
        return record


def merges_of(member: User) -> Sequence[tuple[Merge, str]]:
    """Those that can still be undone, the newest first, with the guest's name."""
    statement = (
        select(Merge, User.username)
        .join(User, User.id == Merge.guest_id)
        .where(Merge.member_id == member.id, Merge.undo_until > clock.now())
        .order_by(Merge.merged_at.desc(), Merge.id.desc())
    )
    return [(row.Merge, row.username) for row in db.session.execute(statement)]


def undo(member: User, merge_id: int, browser: str | None) -> Undone:
    """Put everything back as it was, once. Raises :class:`MergeNotFound`.

    ``browser`` is the label of the present one, if it is to be let in as the guest again.
    """
    with transaction() as session:
        found = session.get(Merge, merge_id)
        guest_id = found.guest_id if found is not None and found.member_id == member.id else None
        owner, guest = _lock(session, member.id, guest_id or member.id)
        record = session.scalar(select(Merge).where(Merge.id == merge_id, Merge.undo_until > clock.now()))
        if guest_id is None or owner is None or guest is None or record is None:
            raise MergeNotFound
        if owner.username in {name.display for name in belongings.names_moved(session, record)}:
            owner.username = record.member_name
        belongings.move_back(session, record)
        belongings.bring_devices_back(session, record)
        guest.is_abandoned, guest.abandoned_at, guest.fingerprint_hash = False, None, record.fingerprint_hash
        guest.last_seen_at = clock.now()
        session.delete(record)
        subscriptions.drop_dead(session, [guest.id])
        secret = devices.add(session, guest, browser)[1] if browser is not None else None
        return Undone(guest, secret)


def forget_merges() -> int:
    """Forget the records whose time is over, and what could still have led to their guests; returns how many.

    As an upgrade does, it leaves no evidence of the guest behind. Safe to run twice or in parallel.
    """
    total = 0
    while True:
        with transaction() as session:
            over = session.scalars(_over().limit(BATCH)).all()
            for record in over:
                _end_for_good(session, record.guest_id)
                session.delete(record)
        total += len(over)
        if len(over) < BATCH:
            return total


def _over() -> Select[Merge]:
    return select(Merge).where(Merge.undo_until <= clock.now()).order_by(Merge.id).with_for_update(skip_locked=True)


def _end_for_good(session: Session, guest_id: int) -> None:
    guest = session.get(User, guest_id)
    if guest is not None:
        guest.fingerprint_data = guest.registration_ip = guest.last_login_ip = None
    session.execute(delete(ResumeCode).where(ResumeCode.user_id == guest_id))
    session.execute(delete(Passkey).where(Passkey.user_id == guest_id))


def _lock(session: Session, member_id: int, guest_id: int) -> tuple[User | None, User | None]:
    """Both rows, locked in the order of their ids, so that two merges can't wait for each other."""
    rows = session.scalars(select(User).where(User.id.in_([member_id, guest_id])).order_by(User.id).with_for_update())
    found = {user.id: user for user in rows}
    return found.get(member_id), found.get(guest_id)
