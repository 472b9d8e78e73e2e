"""Migrations: up on empty and filled tables, down and up again, and the index that decides."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, text

from chatpop.extensions import db
from tests.conftest import both_databases
from tests.support.people import Person

ROOT = Path(__file__).resolve().parents[1]


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
def test_each_step_down_and_up_keeps_the_rows_of_older_tables(app: Flask, make_app: Callable[..., Flask]) -> None:
    hana = Person(app)
    hana.open_room()
    with app.app_context():
        steps = len(list((ROOT / "migrations" / "versions").glob("*.py")))
        for _ in range(steps - 1):
            downgrade(revision="-1")
        assert db.session.execute(text("SELECT count(*) FROM users")).scalar_one() == 1
        db.session.rollback()
        upgrade()
        assert unique_indexes(app) == {("key",)}
    assert hana.name
