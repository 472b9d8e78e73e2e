"""Ending uploads: the row goes and the file's removal is noted, in the caller's transaction.

No file is touched here. The outbox is worked off by ``removals``, so a process may die at any point.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from chatpop.core import clock
from chatpop.identity.models import User
from chatpop.uploads.models import FileRemoval, Upload

DRAFT_LIFE = timedelta(hours=1)
"""How long a file that was brought for a room waits for its message."""


def delete_private_of(session: Session, user_id: int) -> int:
    """End the account's private files; returns how many."""
    return _end(session, (Upload.owner_id == user_id) & Upload.is_private.is_(True))


def delete_loose_of(session: Session, user_id: int) -> int:
    """End all files of the account that hang on no message; returns how many."""
    return _end(session, (Upload.owner_id == user_id) & Upload.message_id.is_(None))


def delete_of_message(session: Session, message_id: int) -> int:
    """End the files that hang on a message; returns how many."""
    return _end(session, Upload.message_id == message_id)


def delete_one(session: Session, upload_id: int) -> bool:
    """End one upload; False if it had gone."""
    return _end(session, Upload.id == upload_id) == 1


def delete_forgotten(session: Session) -> int:
    """End what was brought for a room whose message never came, or has gone with its room; returns how many."""
    over = Upload.created_at < clock.now() - DRAFT_LIFE
    return _end(session, Upload.is_attachment.is_(True) & Upload.message_id.is_(None) & over)


def has_public(session: Session, user_id: int) -> bool:
    """Whether the account has left an upload that others may read: then it has spoken."""
    shown = or_(Upload.is_attachment.is_(False), Upload.message_id.is_not(None))
    found = select(Upload.id).where(Upload.owner_id == user_id, Upload.is_private.is_(False), shown)
    return session.scalar(found.limit(1)) is not None


def recount(session: Session, *user_ids: int) -> None:
    """Make the accounts' counts of files true after many rows have changed hands; the accounts are locked."""
    own = select(func.count(Upload.id)).where(Upload.owner_id == User.id).scalar_subquery()
    session.flush()
    session.execute(_quietly(update(User).where(User.id.in_(user_ids)).values(items_count=own)))


def _end(session: Session, which: ColumnElement[bool]) -> int:
    """Removal noted, row gone, count given back: together or not at all.

    Owners are locked first and in the order of their ids, as by whoever books or moves a file.
    """
    session.flush()
    owners = select(Upload.owner_id).where(which, Upload.owner_id.is_not(None))
    session.execute(select(User.id).where(User.id.in_(owners)).order_by(User.id).with_for_update())
    statement = delete(Upload).where(which).returning(Upload.public_id, Upload.thumbnail_key, Upload.owner_id)
    ended = session.execute(_quietly(statement)).all()
    if ended:
        now = clock.now()
        keys = [key for row in ended for key in (row.public_id, row.thumbnail_key) if key is not None]
        session.execute(insert(FileRemoval), [{"key": key, "since": now} for key in keys])
    for owner_id, count in sorted(Counter(row.owner_id for row in ended if row.owner_id is not None).items()):
        given_back = update(User).where(User.id == owner_id).values(items_count=User.items_count - count)
        session.execute(_quietly(given_back))
    return len(ended)


def _quietly(statement: Any) -> Any:
    return statement.execution_options(synchronize_session=False)
