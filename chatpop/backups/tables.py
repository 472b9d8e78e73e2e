"""The tables as they stand in a database, whatever the models say."""

from __future__ import annotations

from sqlalchemy import Connection, column, inspect, select, table, text

from chatpop.backups.kinds import Column

VERSION_TABLE = "alembic_version"


def tables_of(connection: Connection) -> dict[str, list[Column]]:
    """Every table but Alembic's own and those that a database derives from others, with its columns."""
    inspector = inspect(connection)
    left_out = {VERSION_TABLE, *derived_tables(connection)}
    return {
        name: [Column(found["name"], found["type"]) for found in inspector.get_columns(name)]
        for name in sorted(set(inspector.get_table_names()) - left_out)
    }


def derived_tables(connection: Connection) -> set[str]:
    """SQLite's tables for full text: they follow the tables that they are made of by themselves."""
    if connection.dialect.name != "sqlite":
        return set()
    return {row.name for row in connection.execute(text("PRAGMA table_list")) if row.type in ("virtual", "shadow")}


def revision_of(connection: Connection) -> str | None:
    """The migration the database stands at; None where there has been none."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.scalar(select(column("version_num")).select_from(table(VERSION_TABLE)))


def last_ids(connection: Connection) -> dict[str, int]:
    """The highest id ever given, by table; only for tables that never give one again."""
    if connection.dialect.name == "sqlite":
        if not inspect(connection).has_table("sqlite_sequence"):
            return {}
        rows = connection.execute(text("SELECT name, seq FROM sqlite_sequence"))
        return {str(name): int(last) for name, last in rows}
    found = {}
    for name, sequence in _sequences(connection).items():
        last, called = connection.execute(text(f"SELECT last_value, is_called FROM {sequence}")).one()  # noqa: S608
        found[name] = int(last) if called else int(last) - 1
    return found


def set_last_id(connection: Connection, name: str, last: int) -> None:
    """Let the next id of the table be higher than ``last`` and than every id in it."""
    if connection.dialect.name == "sqlite":
        _set_sqlite(connection, name, last)
    elif sequence := _sequences(connection).get(name):
        highest = connection.scalar(text(f'SELECT max(id) FROM "{name}"')) or 0  # noqa: S608
        if (start := max(last, highest)) > 0:
            connection.execute(text("SELECT setval(CAST(:name AS regclass), :last)"), {"name": sequence, "last": start})


def _set_sqlite(connection: Connection, name: str, last: int) -> None:
    """Inserting has already noted the highest id present, where the table notes any."""
    declared = connection.scalar(
        text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name"), {"name": name}
    )
    if "AUTOINCREMENT" not in (declared or "").upper():
        return
    values = {"name": name, "last": last}
    changed = connection.execute(
        text("UPDATE sqlite_sequence SET seq = max(seq, :last) WHERE name = :name"), values
    ).rowcount
    if not changed:
        connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), values)


def _sequences(connection: Connection) -> dict[str, str]:
    """Table -> the quoted sequence behind its column ``id`` (PostgreSQL)."""
    rows = connection.execute(
        text(
            "SELECT table_name, pg_get_serial_sequence(quote_ident(table_name), 'id') AS sequence "
            "FROM information_schema.columns WHERE table_schema = current_schema() AND column_name = 'id'"
        )
    )
    return {str(name): str(sequence) for name, sequence in rows if sequence}
