"""Copies of one's own data: asked for, written by a job, fetched within seven days."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from chatpop.core import clock, database, errands, ids
from chatpop.core.errors import NotFound, TooMany
from chatpop.core.texts import text
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.lifecycle import archive
from chatpop.lifecycle.models import Export

JOB = "write-export"
LIFE = timedelta(days=7)
PAUSE = timedelta(hours=1)
"""Between two exports of one account."""
LOST = timedelta(minutes=5)
"""An export that is not ready by then is written by the periodic job."""


class TooManyExports(TooMany):
    code = "too_many_exports"


class ExportNotFound(NotFound):
    code = "export_not_found"
    sentence = "There is no such copy of your data, or its seven days are over."


def request_export(user: User, folder: Path) -> Export:
    """Ask for a copy; one that is being made is the answer to a second wish, an older one is replaced.

    Raises :class:`TooManyExports`.
    """
    now = clock.now()
    with transaction() as session:
        session.get_one(User, user.id, with_for_update=True)
        latest = session.scalar(_of(user.id))
        if latest is not None and latest.requested_at > now - PAUSE:
            if latest.ready_at is None:
                return latest
            wait = math.ceil((latest.requested_at + PAUSE - now).total_seconds())
            raise TooManyExports(
                text("You have a copy that is less than an hour old. It is below."), limit=1, retry_after=max(1, wait)
            )
        replaced = drop_exports(session, user.id)
        export = Export(user_id=user.id, token=ids.secret_token(), requested_at=now, expires_at=now + LIFE)
        session.add(export)
    archive.remove(folder, replaced)
    errands.send(JOB, export.id)
    return export


def export_of(user: User) -> Export | None:
    """The account's one live copy, ready or not."""
    found: Export | None = db.session.scalar(_of(user.id).where(Export.expires_at > clock.now()))
    return found


def find_export(token: str, user: User, folder: Path) -> Path:
    """The file of one's own copy. Raises :class:`ExportNotFound`."""
    export = db.session.scalar(
        select(Export).where(
            Export.token == token,
            Export.user_id == user.id,
            Export.ready_at.is_not(None),
            Export.expires_at > clock.now(),
        )
    )
    path = archive.path_of(folder, export.token) if export is not None else None
    if path is None or not path.is_file():
        raise ExportNotFound
    return path


def write_export(export_id: int, folder: Path) -> bool:
    """Write the file; False when there is nothing to do. Safe to run twice, and to be killed at any moment."""
    with database.reading(), db.engine.connect() as connection:
        wanted = select(Export.token, Export.user_id).where(Export.id == export_id, Export.ready_at.is_(None))
        row = connection.execute(wanted).one_or_none()
    if row is None:
        return False
    token = row.token
    size = archive.write(folder, token, row.user_id)
    with transaction() as session:
        done = session.execute(
            update(Export).where(Export.id == export_id, Export.token == token).values(ready_at=clock.now(), size=size)
        )
    if not done.rowcount:  # type: ignore[attr-defined]
        archive.remove(folder, [token])  # the account has gone meanwhile
    return bool(done.rowcount)  # type: ignore[attr-defined]


def tend_exports(folder: Path) -> int:
    """Remove files whose time is over or that nobody knows, write what was lost; returns how many were removed."""
    now = clock.now()
    with transaction() as session:
        over = session.scalars(delete(Export).where(Export.expires_at <= now).returning(Export.token)).all()
    with database.reading(), db.engine.connect() as connection:
        known = set(connection.scalars(select(Export.token)))
        lost = select(Export.id).where(Export.ready_at.is_(None), Export.requested_at <= now - LOST)
        waiting = connection.scalars(lost).all()
    removed = archive.remove(folder, over) + archive.remove_strays(folder, known)
    for export_id in waiting:
        write_export(export_id, folder)
    return removed


def drop_exports(session: Session, user_id: int) -> Sequence[str]:
    """Forget all of an account's copies inside the caller's transaction; returns the names of their files."""
    return session.scalars(delete(Export).where(Export.user_id == user_id).returning(Export.token)).all()


def _of(user_id: int) -> Select[Export]:
    return select(Export).where(Export.user_id == user_id).order_by(Export.requested_at.desc()).limit(1)
