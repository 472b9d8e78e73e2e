"""A roll in a room is lean, and the short way it takes lets nobody in whom the long way would not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from redis.connection import AbstractConnection
from sqlalchemy import event, select

from chatpop.core import clock, tallies
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity.bans import Ban
from chatpop.identity.models import User
from chatpop.rooms.models import Room
from tests.conftest import both_databases
from tests.support.people import Answer, Person

Roll = Callable[[Person, str], Answer]


def by_program(person: Person, code: str) -> Answer:
    return person.post(f"/api/chats/{code}/suggest-username/", json={})


def by_page(person: Person, code: str) -> Answer:
    return person.post(f"/rooms/{code}/dice-rolls", htmx=True)


both_doors = pytest.mark.parametrize("roll", [by_program, by_page])


@pytest.fixture
def asked(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every question to the database, by its first word, and to Redis, as ``redis``."""
    told: list[str] = []
    send = AbstractConnection.send_packed_command

    def note_command(self: AbstractConnection, command: object, check_health: bool = True) -> None:
        told.append("redis")
        send(self, command, check_health)  # type: ignore[no-untyped-call]

    def note_statement(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        told.append(statement.split()[0])

    monkeypatch.setattr(AbstractConnection, "send_packed_command", note_command)
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note_statement)
    yield told
    event.remove(engine, "before_cursor_execute", note_statement)


@both_databases
@both_doors
def test_a_visitors_roll_asks_the_database_once_and_redis_twice(
    hana: Person, oto: Person, roll: Roll, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tallies, "_carry", lambda: None)  # its own time, once a second, for all requests together
    code = hana.open_room()
    for _ in range(3):
        asked.clear()
        assert roll(oto, code).status_code == 200
        if sorted(asked) == ["SELECT", "redis", "redis"]:
            return
    pytest.fail(f"asked {asked}")  # settings and the number of digits are read once a second


def ban(app: Flask, code: str | None, **whom: str | int) -> None:
    """From one room, or with None from the whole site, for a day."""
    now = clock.now()
    with app.app_context(), transaction() as session:
        room = session.scalar(select(Room.id).where(Room.code == code)) if code else None
        end = now + timedelta(days=1)
        session.add(Ban(room_id=room, shown_name="Oto", placed_at=now, expires_at=end, **whom))


@both_databases
@both_doors
def test_a_ban_of_the_network_from_the_site_is_told_at_a_roll(
    app: Flask, hana: Person, oto: Person, roll: Roll
) -> None:
    code = hana.open_room()
    oto.address = "192.0.2.7"
    assert roll(oto, code).status_code == 200
    ban(app, None, network="192.0.2.7")
    answer = roll(oto, code)
    assert answer.status_code == 403
    assert "You are banned from this site" in (answer.text if roll is by_page else answer.json["error"])


@both_doors
def test_a_ban_of_an_account_from_a_room_is_told_at_a_roll(app: Flask, hana: Person, oto: Person, roll: Roll) -> None:
    code, elsewhere = hana.open_room(), hana.open_room("Coffee")
    assert oto.join(code).status_code == 201
    with app.app_context():
        user_id = db.session.scalar(select(User.id).order_by(User.id.desc()))
    assert user_id
    ban(app, code, user_id=user_id)
    assert roll(oto, code).status_code == 403
    assert roll(oto, elsewhere).status_code == 200


@both_doors
def test_a_ban_of_the_network_from_a_room_leaves_reading_and_rolling_to_its_visitors(
    app: Flask, hana: Person, oto: Person, roll: Roll
) -> None:
    """The room's door judges when they join; so it was before there was a short way."""
    code = hana.open_room()
    oto.address = "192.0.2.7"
    ban(app, code, network="192.0.2.7")
    assert roll(oto, code).status_code == 200


@both_doors
def test_a_private_room_is_no_room_for_who_was_not_invited(hana: Person, oto: Person, roll: Roll) -> None:
    code = hana.open_room(visibility="private")
    assert roll(oto, code).status_code == 404
    assert roll(hana, code).status_code == 200


def test_a_name_taken_between_looking_and_rolling_is_not_given_out(
    app: Flask, hana: Person, oto: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = hana.open_room()
    taken = hana.name
    monkeypatch.setattr("chatpop.names.rolling.first_candidate", lambda: taken)
    for _ in range(3):
        assert by_program(oto, code).json["username"] != taken


def test_the_page_shows_what_was_rolled_newest_first(hana: Person, oto: Person) -> None:
    code = hana.open_room()
    names = [oto.roll(code) for _ in range(3)]
    page = by_page(oto, code).text
    assert "6 rolls remaining" in page
    places = [page.index(f'value="{name}"') for name in reversed(names)]
    assert places == sorted(places)
