"""Removing files that no row wants: those of the outbox, and what a dead process left behind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from sqlalchemy import delete, or_, select

from chatpop.core import clock, database
from chatpop.core.errors import DomainError
from chatpop.core.texts import text
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.uploads import retention
from chatpop.uploads.models import FileRemoval, Upload
from chatpop.uploads.storage import Store

BATCH = 200
GRACE = timedelta(hours=1)
"""How old a file without a row must be: its row may be on the way."""
FEW = 10
MAX_SHARE = 0.2
"""Above this share (and above ``FEW``) it is the store that is missing, not the files."""


class StoreLooksEmpty(DomainError):
    """Most likely a folder that is not mounted, or another bucket than before."""

    status, code = 409, "store_looks_empty"


@dataclass(frozen=True, slots=True)
class Orphans:
    """``files``: keys without a row. ``rows``: (id, key) of uploads whose file is gone."""

    files: list[str]
    rows: list[tuple[int, str]]


def remove_files(store: Store) -> int:
    """Work off the outbox; returns how many files. May be killed at any point and run beside itself.

    Raises ``ServiceAway`` while the store is away; what is left waits for the next run.
    """
    total = 0
    while keys := _waiting():
        for key in keys:
            store.delete(key)
        with transaction() as session:
            session.execute(delete(FileRemoval).where(FileRemoval.key.in_(keys)))
        total += len(keys)
    return total


def find_orphans(store: Store) -> Orphans:
    """What would be removed by :func:`remove_orphans`; changes nothing."""
    files = [key for batch in _batches(store.keys(clock.now() - GRACE)) for key in _unknown(batch)]
    return Orphans(files, list(_without_file(store)))


def remove_orphans(store: Store, *, force: bool = False) -> Orphans:
    """Remove files without a row and rows without a file; returns what it was.

    Raises :class:`StoreLooksEmpty` where so many files are missing that the rows must stay, unless forced.
    """
    found = find_orphans(store)
    for key in found.files:
        store.delete(key)
    if not force:
        _check_share(len(found.rows))
    for row_id, _ in found.rows:
        with transaction() as session:
            retention.delete_one(session, row_id)
    return found


def remove_forgotten() -> int:
    """End what was brought for a room and never sent; returns how many."""
    with transaction() as session:
        return retention.delete_forgotten(session)


def _waiting() -> list[str]:
    with database.reading(), db.engine.connect() as connection:
        statement = select(FileRemoval.key).order_by(FileRemoval.since).limit(BATCH)
        return list(connection.scalars(statement))


def _unknown(keys: list[str]) -> list[str]:
    """Those that are no upload's; the outbox takes care of its own."""
    with database.reading(), db.engine.connect() as connection:
        rows = connection.execute(
            select(Upload.public_id, Upload.thumbnail_key).where(
                or_(Upload.public_id.in_(keys), Upload.thumbnail_key.in_(keys))
            )
        ).all()
        removals = connection.scalars(select(FileRemoval.key).where(FileRemoval.key.in_(keys))).all()
    known = {key for row in rows for key in row} | set(removals)
    return [key for key in keys if key not in known]


def _without_file(store: Store) -> Iterator[tuple[int, str]]:
    last = 0
    while rows := _rows_after(last):
        last = rows[-1][0]
        yield from ((row_id, key) for row_id, key in rows if store.size(key) is None and _is_still_there(row_id))


def _rows_after(last: int) -> list[tuple[int, str]]:
    statement = select(Upload.id, Upload.public_id).where(Upload.id > last).order_by(Upload.id).limit(BATCH)
    with database.reading(), db.engine.connect() as connection:
        return [(row.id, row.public_id) for row in connection.execute(statement)]


def _is_still_there(row_id: int) -> bool:
    """A file that is missing because its row has just gone is none of ours."""
    with database.reading(), db.engine.connect() as connection:
        return connection.scalar(select(Upload.id).where(Upload.id == row_id)) is not None


def _check_share(missing: int) -> None:
    with database.reading(), db.engine.connect() as connection:
        some = connection.scalars(select(Upload.id).limit(int(missing / MAX_SHARE) + 1)).all()
    if missing > FEW and missing > len(some) * MAX_SHARE:
        raise StoreLooksEmpty(
            text(
                "%(missing)s uploads have lost their files, so the store itself may be missing. Nothing was removed "
                "from the database. If the files are really gone, run it again with --force.",
                missing=missing,
            )
        )


def _batches(keys: Iterable[str]) -> Iterator[list[str]]:
    left = iter(keys)
    while batch := list(islice(left, BATCH)):
        yield batch
