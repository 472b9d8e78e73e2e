"""Small versions of pictures, made by the queue from what is stored, never from what was sent."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select, update

from chatpop.core import clock, database, ids
from chatpop.core.errors import DomainError, ServiceAway
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.uploads.models import THUMBNAIL_SIDE, Thumbnail, Upload
from chatpop.uploads.pictures import THUMBNAIL_TYPE, make_thumbnail
from chatpop.uploads.receiving import new_key
from chatpop.uploads.storage import Store

LOST = timedelta(minutes=10)
"""A thumbnail that is still wanted after so long has lost its job."""
GIVEN_UP = timedelta(days=1)
BATCH = 100


def make(upload_id: int, store: Store, incoming: Path) -> bool:
    """Make one; False where there is nothing to do. Safe to run twice, and to be killed at any moment.

    Raises ``ServiceAway``, so that the queue tries again.
    """
    with database.reading(), db.engine.connect() as connection:
        wanted = select(Upload.public_id).where(Upload.id == upload_id, Upload.thumbnail == Thumbnail.WANTED)
        public_id = connection.scalar(wanted)
    if public_id is None:
        return False
    folder = incoming / ids.short_token()
    folder.mkdir(mode=0o700, parents=True)
    try:
        key = _draw(public_id, store, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if _enter(upload_id, key):
        return key is not None
    if key is not None:
        store.delete(key)  # the upload has gone meanwhile, or another run was faster
    return False


def make_lost(store: Store, incoming: Path) -> int:
    """Make those whose job was lost; returns how many."""
    now = clock.now()
    lost = select(Upload.id).where(Upload.thumbnail == Thumbnail.WANTED, Upload.created_at < now - LOST)
    with transaction() as session:
        hopeless = update(Upload).where(Upload.thumbnail == Thumbnail.WANTED, Upload.created_at < now - GIVEN_UP)
        statement = hopeless.values(thumbnail=Thumbnail.FAILED).execution_options(synchronize_session=False)
        session.execute(statement)
    with database.reading(), db.engine.connect() as connection:
        waiting = connection.scalars(lost.order_by(Upload.id).limit(BATCH)).all()
    return sum(make(upload_id, store, incoming) for upload_id in waiting)


def _draw(public_id: str, store: Store, folder: Path) -> str | None:
    """Store the small version; its key, or None where none can be made."""
    source, target, key = folder / "picture", folder / "small", new_key()
    try:
        with source.open("wb") as file:
            file.writelines(store.open(public_id))
        make_thumbnail(source, target, THUMBNAIL_SIDE)
    except ServiceAway:
        raise
    except DomainError:
        return None
    store.put(key, target, THUMBNAIL_TYPE)
    return key


def _enter(upload_id: int, key: str | None) -> bool:
    state = Thumbnail.FAILED if key is None else Thumbnail.READY
    statement = update(Upload).where(Upload.id == upload_id, Upload.thumbnail == Thumbnail.WANTED)
    with transaction() as session:
        values = statement.values(thumbnail=state, thumbnail_key=key)
        done = session.execute(values.execution_options(synchronize_session=False))
    return bool(done.rowcount)  # type: ignore[attr-defined]
