"""Fills empty tables from the files of a dump, on either database, in the transaction at hand."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from itertools import islice
from typing import IO, Any

from sqlalchemy import Connection, insert, table, text
from sqlalchemy import column as sql_column

from chatpop.backups.kinds import Column
from chatpop.backups.manifest import Table
from chatpop.backups.refusals import BadArchive
from chatpop.backups.tables import set_last_id

_ROWS_AT_A_TIME = 1000
_LONGEST_ROW = 32 * 2**20
"""Characters: a line made to fill the memory ends as half a row."""


def check_columns(tables: dict[str, Table], found: dict[str, list[Column]]) -> None:
    """Raises :class:`BadArchive` where the archive's tables are not those of its migration."""
    if set(tables) != set(found):
        odd = ", ".join(sorted(set(tables) ^ set(found)))
        raise BadArchive(f"The archive does not hold the tables of its version: {odd}.")
    for name, one in tables.items():
        if sorted(one.columns) != sorted(column.name for column in found[name]):
            raise BadArchive(f"The table {name} of the archive does not fit its version.")


def load_table(connection: Connection, name: str, columns: list[Column], wanted: Table, packed: IO[bytes]) -> None:
    """Raises :class:`BadArchive` for lines that are no rows, or another number of them than promised."""
    by_name = {column.name: column for column in columns}
    ordered = [by_name[each] for each in wanted.columns]
    rows = _counted(_rows(packed, ordered, name), wanted.rows, name)
    quoted = connection.dialect.identifier_preparer.quote
    connection.execute(text(f"DELETE FROM {quoted(name)}"))  # noqa: S608  what a migration put there
    if connection.dialect.name == "sqlite":
        _insert(connection, name, ordered, rows)
    else:
        names = ", ".join(quoted(column.name) for column in ordered)
        cursor = connection.connection.cursor()
        with cursor.copy(f"COPY {quoted(name)} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    set_last_id(connection, name, wanted.last_id or 0)


def _insert(connection: Connection, name: str, columns: list[Column], rows: Iterator[list[Any]]) -> None:
    target = table(name, *(sql_column(column.name, column.kind.plain()) for column in columns))
    names = [column.name for column in columns]
    while some := [dict(zip(names, row, strict=True)) for row in islice(rows, _ROWS_AT_A_TIME)]:
        connection.execute(insert(target), some)


def _rows(packed: IO[bytes], columns: list[Column], name: str) -> Iterator[list[Any]]:
    try:
        with gzip.open(packed, "rt", encoding="utf-8", newline="\n") as lines:
            for line in iter(lambda: lines.readline(_LONGEST_ROW), ""):
                yield _row(line, columns)
    except (ValueError, EOFError, zlib.error, gzip.BadGzipFile, RecursionError) as error:
        raise BadArchive(f"The archive's table {name} holds what is no row: {error}.") from None


def _row(line: str, columns: list[Column]) -> list[Any]:
    values = json.loads(line)
    if not isinstance(values, list):
        raise ValueError("a row is a list")
    return [column.from_json(value) for column, value in zip(columns, values, strict=True)]


def _counted(rows: Iterator[list[Any]], wanted: int, name: str) -> Iterator[list[Any]]:
    count = 0
    for row in rows:
        count += 1
        if count > wanted:
            break
        yield row
    if count != wanted:
        raise BadArchive(f"The archive's table {name} has another number of rows than it says.")
