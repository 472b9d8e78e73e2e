"""Migrations: up on empty and filled tables, down and up again, and the index that decides."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, text

from chatpop.extensions import db
from tests.conftest import both_databases
from tests.support.filling import Rows, every_row, fill_every_table, what_is_left
from tests.support.people import Person

ROOT = Path(__file__).resolve().parents[1]
STEPS = len(list((ROOT / "migrations" / "versions").glob("*.py")))


def unique_indexes(app: Flask) -> set[tuple[str | None, ...]]:
    with app.app_context():
        found = inspect(db.engine).get_indexes("names")
        return {tuple(index["column_names"]) for index in found if index["unique"]}


@both_databases
def test_names_have_one_unique_key_after_migrating_an_empty_database(app: Flask) -> None:
    assert unique_indexes(app) == {("key",)}


@both_databases
def test_down_and_up_again_on_filled_tables(app: Flask, hana: Person, gus: Person) -> None:
    code = hana.open_room()
    gus.join(code)
    hana.say(code, "hello")
    hana.post(f"/rooms/{code}/messages/1/deletion")
    with app.app_context():
        downgrade(revision="base")
        assert set(inspect(db.engine).get_table_names()) <= {"alembic_version", "sqlite_sequence"}
        upgrade()
        assert unique_indexes(app) == {("key",)}
        assert db.session.execute(text("SELECT count(*) FROM names")).scalar_one() == 0
    Person(app).open_room()


@both_databases
def test_every_migration_goes_down_and_up_again_on_filled_tables(app: Flask) -> None:
    """Whatever a step does not take away itself is there afterwards, unchanged."""
    with app.app_context():
        fill()
        full = rows_now()
        assert [name for name, rows in full.items() if len(rows) != 1] == []
        for number in range(STEPS, 0, -1):
            before = rows_now()
            downgrade(revision="-1")
            below = rows_now()
            check_nothing_is_lost(before, below, f"down from {number:04}")
            upgrade(revision="+1")
            check_nothing_is_lost(below, rows_now(), f"up to {number:04} again")
            downgrade(revision="-1")
        assert rows_now() == {}
        upgrade()
        fill()
        assert rows_now().keys() == full.keys()


def fill() -> None:
    with db.engine.begin() as connection:
        fill_every_table(connection, db.metadata)


def rows_now() -> Rows:
    with db.engine.connect() as connection:
        return every_row(connection)


def check_nothing_is_lost(before: Rows, after: Rows, step: str) -> None:
    kept, left = what_is_left(before, after)
    for name in sorted(kept):
        assert left[name] == kept[name], f"{name}, {step}"
