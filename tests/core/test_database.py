"""Looks and transactions share their connections."""

from __future__ import annotations

import pytest
from flask import Flask
from psycopg.pq import TransactionStatus
from sqlalchemy import text

from chatpop.core import database
from chatpop.extensions import db
from tests.conftest import both_databases


@both_databases
def test_a_look_sees_what_is_committed_by_each_statement(app: Flask) -> None:
    count = text("SELECT count(*) FROM settings")
    insert = text("INSERT INTO settings (name, value) VALUES ('A', '1')")
    with app.app_context(), database.looking(db.engine) as look:
        before = look.execute(count).scalar_one()
        with database.writing(), db.engine.begin() as writer:
            writer.execute(insert)
            assert look.execute(count).scalar_one() == before, "it is not committed yet"
        assert look.execute(count).scalar_one() == before + 1


@pytest.mark.parametrize("database_kind", ["postgres"], indirect=True)
def test_a_look_leaves_no_transaction_and_a_transaction_after_it_is_one(app: Flask) -> None:
    count = text("SELECT count(*) FROM settings")
    insert = text("INSERT INTO settings (name, value) VALUES ('B', '1')")
    with app.app_context():
        with database.looking(db.engine) as look:
            before = look.execute(count).scalar_one()
            driver = look.connection.dbapi_connection
            assert driver is not None
            assert driver.info.transaction_status == TransactionStatus.IDLE
        for _ in range(2):
            with database.writing(), db.engine.connect() as writer:
                assert writer.connection.dbapi_connection is driver, "the same connection, used in turn"
                writer.execute(insert)
                writer.rollback()
            with database.looking(db.engine) as look:
                assert look.execute(count).scalar_one() == before
