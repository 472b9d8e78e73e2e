"""The database: column types, and transactions that fit SQLite and PostgreSQL.

SQLite allows one writer. A transaction that reads first and writes later can fail at once when
somebody else wrote in between, so a writing transaction is begun with BEGIN IMMEDIATE. Waiting
for the lock must not block the event loop of a web process (the holder may be another greenlet
of the same process), so the wait is a Python loop that yields, not SQLite's own busy handler.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Integer, event
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.exc import InvalidatePoolError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

WRITE_WAIT_SECONDS = 10.0
_SQLITE_BUSY_MS = 20

BigId = BigInteger().with_variant(Integer(), "sqlite")
"""Primary keys: 64 bits; on SQLite the row id, which has 64 bits too."""


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime on both databases (SQLite keeps none of the zone itself)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


IDLE_SECONDS = 1.0
"""After so long unused a connection to PostgreSQL may have been lost, and is asked before it is used."""

_writing: ContextVar[bool] = ContextVar("chatpop_writing", default=True)
_looking: ContextVar[bool] = ContextVar("chatpop_looking", default=False)
_write_turn = threading.Lock()


@contextmanager
def reading() -> Iterator[None]:
    """Transactions begun inside only read; they take no write lock on SQLite."""
    token = _writing.set(False)
    try:
        yield
    finally:
        _writing.reset(token)


@contextmanager
def writing() -> Iterator[None]:
    """Transactions begun inside may write (the default outside of page views); also inside of a look."""
    token, looked = _writing.set(True), _looking.set(False)
    try:
        yield
    finally:
        _writing.reset(token)
        _looking.reset(looked)


@contextmanager
def looking(engine: Engine) -> Iterator[Connection]:
    """A connection for single reading statements, each of which sees what is committed by then.

    No transaction is begun or rolled back: on PostgreSQL that saves two of three round trips.
    """
    token = _looking.set(True)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        _looking.reset(token)


def set_writing(value: bool) -> None:
    """Say for the rest of this context (one request) whether transactions may write."""
    _writing.set(value)


def prepare_engine(engine: Engine) -> None:
    """Attach what the dialect needs; called once for each engine."""
    if engine.dialect.name != "sqlite":
        event.listen(engine, "checkin", _note_use)
        event.listen(engine, "checkout", _asker(engine.dialect))
        event.listen(engine, "begin", _begin_postgres)
        return
    event.listen(engine, "connect", _open_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "commit", _end_turn)
    event.listen(engine, "rollback", _end_turn)


def _note_use(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info["chatpop_used_at"] = time.monotonic()


def _asker(dialect: Dialect) -> Callable[[Any, ConnectionPoolEntry, Any], None]:
    """As ``pool_pre_ping``, but not for each of many requests in a row: that costs each of them a round trip."""

    def ask_if_idle(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("chatpop_used_at", time.monotonic()) < IDLE_SECONDS:
            return
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error:
            raise InvalidatePoolError from None

    return ask_if_idle


def _begin_postgres(connection: Connection) -> None:
    """A look needs no transaction. The connection is switched only where its last use was of the other kind."""
    driver: Any = connection.connection.dbapi_connection
    if driver.autocommit != _looking.get():
        driver.autocommit = _looking.get()


def _open_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, see _begin_sqlite
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_SQLITE_BUSY_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    if _looking.get():
        return
    if not _writing.get():
        connection.exec_driver_sql("BEGIN")
        return
    deadline = time.monotonic() + WRITE_WAIT_SECONDS
    if not _write_turn.acquire(timeout=WRITE_WAIT_SECONDS):
        raise OperationalError("BEGIN IMMEDIATE", None, TimeoutError("database is locked"))
    try:
        while True:
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                break
            except OperationalError as error:
                if "locked" not in str(error.orig) or time.monotonic() > deadline:
                    raise
            time.sleep(random.uniform(0.001, 0.01))  # noqa: S311  another process writes
    except BaseException:
        _write_turn.release()
        raise
    connection.info["chatpop_turn"] = True


def _end_turn(connection: Connection) -> None:
    if connection.info.pop("chatpop_turn", False):
        _write_turn.release()
