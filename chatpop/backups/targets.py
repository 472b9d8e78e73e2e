"""The database a backup is restored into: all of it at once, or nothing."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, text
from sqlalchemy.pool import NullPool

from chatpop.backups import migrating
from chatpop.backups.refusals import BadArchive, NotEmpty, SiteIsRunning
from chatpop.backups.tables import revision_of, tables_of


def rows_in(engine: Engine) -> dict[str, int]:
    """Table -> rows, of those that have any."""
    with engine.connect() as connection:
        preparer = connection.dialect.identifier_preparer
        counts = {
            name: int(connection.scalar(text(f"SELECT count(*) FROM {preparer.quote(name)}")) or 0)  # noqa: S608
            for name in tables_of(connection)
        }
    return {name: count for name, count in counts.items() if count}


def refuse_what_is_there(engine: Engine) -> None:
    """Raises :class:`NotEmpty` where any table has a row."""
    if found := rows_in(engine):
        shown = ", ".join(f"{count} in {name}" for name, count in list(found.items())[:4])
        raise NotEmpty(f"The database is not empty ({shown}); with --force all of it is replaced.")


@contextmanager
def new_content(url: URL) -> Iterator[Connection]:
    """An empty database without tables; what is made in it is in force when the block ends well."""
    with _new_file(url) if url.get_backend_name() == "sqlite" else _new_schema(url) as connection:
        yield connection


@contextmanager
def _new_file(url: URL) -> Iterator[Connection]:
    """A file beside the old one, which takes its place at the end."""
    target = Path(url.database or "").absolute()
    draft = target.with_name(f"{target.name}.restoring")
    draft.unlink(missing_ok=True)
    engine = create_engine(f"sqlite:///{draft}", poolclass=NullPool)
    try:
        with engine.begin() as connection:
            yield connection
        _replace(draft, target)
    finally:
        engine.dispose()
        for path in (draft, draft.with_name(f"{draft.name}-journal")):
            path.unlink(missing_ok=True)


def _replace(draft: Path, target: Path) -> None:
    """Only where nobody has the old file open: its log would be taken for the new one's."""
    if target.exists():
        _alone(target)
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.chmod(0o600)
    draft.replace(target)
    for leftover in ("-wal", "-shm"):
        target.with_name(target.name + leftover).unlink(missing_ok=True)
    with closing(sqlite3.connect(target)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    folder = os.open(target.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def _alone(target: Path) -> None:
    """SQLite leaves the mode WAL only where nobody else has the file open. Raises SiteIsRunning."""
    with closing(sqlite3.connect(target, timeout=2, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.OperationalError:
            raise SiteIsRunning(f"Another process has {target} open; stop the site first.") from None
        except sqlite3.DatabaseError:
            return  # a damaged file is no reason to keep it


@contextmanager
def _new_schema(url: URL) -> Iterator[Connection]:
    """One transaction takes the old tables away and fills the new ones; foreign keys stand back meanwhile."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL lock_timeout = '10s'"))
        _nobody_else(connection)
        revision = revision_of(connection)
        if revision is not None and not migrating.is_known(revision):
            raise NotEmpty("The database belongs to a newer version of chatpop; restore into an empty one.")
        if revision is not None:
            migrating.down_to_nothing(connection)
        yield connection


def _nobody_else(connection: Connection) -> None:
    others = connection.scalar(
        text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user "
            "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
    )
    if others:
        raise SiteIsRunning(f"{others} other connection(s) use this database; stop the site first.")


@contextmanager
def without_foreign_keys(connection: Connection) -> Iterator[None]:
    """Tables may be filled in any order; the keys are checked at the end. Raises :class:`BadArchive`."""
    if connection.dialect.name == "sqlite":  # a new connection does not look at them
        yield
        for name, *_ in connection.execute(text("PRAGMA foreign_key_check")):
            raise BadArchive(f"The archive's table {name} refers to rows that are not there.")
        return
    rows = connection.execute(
        text(
            "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE contype = 'f' AND connamespace = current_schema()::regnamespace"
        )
    )
    keys = [tuple(row) for row in rows]
    for owner, name, _ in keys:
        connection.exec_driver_sql(f"ALTER TABLE {owner} DROP CONSTRAINT {name}")
    yield
    for owner, name, definition in keys:
        connection.exec_driver_sql(f"ALTER TABLE {owner} ADD CONSTRAINT {name} {definition}")
