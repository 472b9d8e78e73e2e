"""While the database is away every page says when to come back, whoever asks; never a 500."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest
import sqlalchemy.exc
from flask import Flask, request_finished
from sqlalchemy import event

from chatpop.extensions import db
from tests.support.people import Person

GONE = sqlite3.OperationalError("unable to open database file")
ALL_TAKEN = sqlalchemy.exc.TimeoutError("QueuePool limit reached")


@pytest.fixture
def lose(app: Flask) -> Callable[[Exception], None]:
    """From now on nobody gets a connection, for this reason."""

    def refuse(error: Exception) -> None:
        def fail(*_: object) -> None:
            raise error

        with app.app_context():
            db.engine.dispose()
            event.listen(db.engine, "do_connect", fail)

    return refuse


@pytest.mark.parametrize("reason", [GONE, ALL_TAKEN], ids=["away", "no free connection"])
def test_a_guest_and_a_visitor_are_told_when_to_come_back(
    reason: Exception, lose: Callable[[Exception], None], hana: Person, oto: Person
) -> None:
    code = hana.open_room()
    lose(reason)
    for person in (hana, oto):
        for path in ("/", f"/rooms/{code}"):
            answer = person.get(path)
            assert answer.status_code == 503
            assert answer.headers["Retry-After"] == "5"
            assert "is away for a moment" in answer.text


def test_the_language_of_an_error_page_can_be_switched_nevertheless(
    lose: Callable[[Exception], None], hana: Person, oto: Person
) -> None:
    lose(GONE)
    for person in (hana, oto):
        for path, status in (("/", 503), ("/nowhere", 404)):
            answer = person.get(path)
            assert answer.status_code == status
            assert 'action="/language"' in answer.text
        assert person.post("/language", data={"language": "de", "next": "/"}).status_code == 303
        assert "Zurück zur Startseite" in person.get("/").text


def test_a_connection_that_breaks_at_the_very_end_spoils_no_answer(app: Flask, hana: Person) -> None:
    code = hana.open_room()
    answered: list[bool] = []

    def broken(_connection: object) -> None:
        if answered:
            raise sqlalchemy.exc.OperationalError("ROLLBACK", None, GONE)

    def note(_app: Flask, **_: object) -> None:
        answered.append(True)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "rollback", broken)
    with request_finished.connected_to(note, app):
        assert hana.get(f"/rooms/{code}").status_code == 200
    assert answered
    event.remove(engine, "rollback", broken)
    assert hana.get(f"/rooms/{code}").status_code == 200
