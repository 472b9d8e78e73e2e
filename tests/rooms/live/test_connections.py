"""Readers who come together don't take the database's connections from one another."""

from __future__ import annotations

from contextlib import ExitStack

from flask import Flask

from chatpop.extensions import db
from tests.support.people import Person


def test_one_free_connection_is_enough_to_open_a_stream(app: Flask, hana: Person, oto: Person) -> None:
    """With two at a time, as many readers as there are connections each wait for a second one."""
    code = hana.open_room()
    with app.app_context(), ExitStack() as stack:
        options = app.config["SQLALCHEMY_ENGINE_OPTIONS"]
        for _ in range(options["pool_size"] + options["max_overflow"] - 1):
            stack.enter_context(db.engine.connect())

        with oto.get(f"/rooms/{code}/stream?after=0") as answer:
            assert answer.status_code == 200
