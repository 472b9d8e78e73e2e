"""Writes all tables as they were at one moment, while the site goes on."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, select, table

from chatpop.backups.kinds import Column
from chatpop.backups.manifest import Table
from chatpop.backups.tables import last_ids, tables_of
from chatpop.core import database

_ROWS_AT_A_TIME = 2000
_COMPRESSION = 4


@contextmanager
def one_moment(engine: Engine) -> Iterator[Connection]:
    """A connection that sees what is committed now, and nothing later. Nobody waits for it.

    SQLite's WAL and PostgreSQL's REPEATABLE READ keep the picture of the first statement.
    """
    with database.reading(), engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        yield connection


def dump(connection: Connection, folder: Path) -> dict[str, Table]:
    """A file ``<table>.jsonl.gz`` for each table: a row is a line, a JSON list of its values."""
    found = {}
    for name, columns in tables_of(connection).items():
        rows = _dump_table(connection, name, columns, folder / f"{name}.jsonl.gz")
        found[name] = Table(columns=[column.name for column in columns], rows=rows)
    # Numbers given out meanwhile make it higher, never lower than the rows need.
    for name, last in last_ids(connection).items():
        if name in found:
            found[name].last_id = last
    return found


def _dump_table(connection: Connection, name: str, columns: list[Column], file: Path) -> int:
    dialect = connection.dialect.name
    query = select(*(column.selected(dialect) for column in columns)).select_from(table(name))
    count = 0
    streamed = connection.execution_options(stream_results=True, yield_per=_ROWS_AT_A_TIME)
    with gzip.open(file, "wt", _COMPRESSION, encoding="utf-8", newline="\n") as lines, streamed.execute(query) as rows:
        for row in rows:
            values = [column.to_json(value) for column, value in zip(columns, row, strict=True)]
            lines.write(json.dumps(values, ensure_ascii=False, separators=(",", ":")) + "\n")
            count += 1
    return count
