"""A row in every table, made up from the tables' own descriptions, so that new tables are covered by themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    inspect,
    select,
    text,
)
from sqlalchemy.engine import Connection

from chatpop.backups.tables import derived_tables
from chatpop.core import clock
from chatpop.core.database import Moment

Rows = dict[str, list[dict[str, Any]]]


def fill_every_table(connection: Connection, metadata: MetaData) -> None:
    """One row each, every column with a value; a reference to a table that comes later stays empty."""
    made: dict[str, dict[str, Any]] = {}
    for table in metadata.sorted_tables:
        values = {column.name: value for column in table.columns if (value := _value(column, made)) is not None}
        connection.execute(table.insert().values(values))
        made[table.name] = dict(connection.execute(select(table)).mappings().one())


def every_row(connection: Connection) -> Rows:
    """All rows of all tables as they are in the database now, whatever the models say."""
    names = set(inspect(connection).get_table_names()) - {"alembic_version", "sqlite_sequence"}
    names -= derived_tables(connection)
    found = {name: connection.execute(text(f'SELECT * FROM "{name}"')).mappings() for name in names}
    return {name: sorted((dict(row) for row in rows), key=str) for name, rows in found.items()}


def what_is_left(before: Rows, after: Rows) -> tuple[Rows, Rows]:
    """Both, cut down to the tables and columns that they share."""
    tables = before.keys() & after.keys()
    return _cut(before, after, tables), _cut(after, before, tables)


def _cut(rows: Rows, other: Rows, tables: set[str]) -> Rows:
    return {
        name: [{key: row[key] for key in row if not other[name] or key in other[name][0]} for row in rows[name]]
        for name in tables
    }


def _value(column: Column[Any], made: dict[str, dict[str, Any]]) -> Any:
    if column.foreign_keys:
        target = next(iter(column.foreign_keys)).column
        return made[target.table.name][target.name] if target.table.name in made else None
    if column.primary_key and _counts_by_itself(column):
        return None
    return _made_up(column)


def _counts_by_itself(column: Column[Any]) -> bool:
    table = column.table
    return isinstance(table, Table) and table.autoincrement_column is column


def _made_up(column: Column[Any]) -> Any:
    kind = column.type
    if isinstance(kind, Moment):
        return _now()
    if isinstance(kind, JSON):
        return {"a": 1}
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, Integer | Float):
        return 7
    if isinstance(kind, LargeBinary):
        return b"\x00\x01"
    if isinstance(kind, String):
        return column.name[: kind.length]
    return _date_or_fail(column)


def _date_or_fail(column: Column[Any]) -> Any:
    if column.type.python_type.__name__ == "date":
        return _now().date()
    raise AssertionError(f"what goes into {column}?")


def _now() -> datetime:
    return clock.now().replace(microsecond=0)
