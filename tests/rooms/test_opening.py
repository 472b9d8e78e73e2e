"""Opening rooms, finding them, and private rooms."""

from __future__ import annotations

import re

from flask import Flask
from sqlalchemy import select

from chatpop.core.ids import CODE_ALPHABET
from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.rooms.models import Room
from tests.conftest import both_databases
from tests.support.people import Person
from tests.support.rows import row_counts


def room_of(app: Flask, code: str) -> Room:
    with app.app_context():
        room = db.session.scalar(select(Room).where(Room.code == code))
        assert room is not None
        return room


@both_databases
def test_opening_as_a_visitor_makes_the_guest_and_the_host(app: Flask, hana: Person) -> None:
    code = hana.open_room("Tea & talk", topic="Leaves")
    assert re.fullmatch(f"[{CODE_ALPHABET}]{{6}}", code)
    with app.app_context():
        host = db.session.get(User, room_of(app, code).host_id)
        assert host is not None
        assert host.username in hana.get(f"/rooms/{code}").text
    assert hana.say(code, "I am in").status_code == 201, "the host is in the room"


def test_opening_uses_the_last_roll_if_there_is_one(app: Flask, hana: Person) -> None:
    hana.roll()
    name = hana.roll()
    code = hana.open_room()
    with app.app_context():
        host = db.session.get(User, room_of(app, code).host_id)
        assert host is not None
        assert host.username == name


def test_a_code_is_accepted_in_any_case(hana: Person, oto: Person) -> None:
    code = hana.open_room()
    moved = oto.get(f"/rooms/{code.lower()}")
    assert moved.headers["Location"].endswith(f"/rooms/{code}")
    entered = oto.get(f"/rooms/enter?code={code[:3].lower()}-{code[3:]}")
    assert (entered.status_code, entered.headers["Location"]) == (303, f"/rooms/{code}")
    assert oto.get("/rooms/enter?code=XXXXXX").status_code == 404


def test_public_rooms_stand_on_the_home_page_and_private_ones_do_not(hana: Person, oto: Person) -> None:
    hana.open_room("Open garden")
    hana.open_room("Back room", visibility="private")
    home = oto.get("/").text
    assert "Open garden" in home
    assert "Back room" not in home
    assert "Back room" in hana.get("/").text, "its own people find it"


def test_a_private_room_needs_its_link_once(app: Flask, hana: Person, oto: Person, gus: Person) -> None:
    code = hana.open_room("Back room", visibility="private")
    invite = room_of(app, code).invite
    for path in (f"/rooms/{code}", f"/rooms/{code}/messages", f"/rooms/{code}/stream", f"/rooms/{code}/qr.svg"):
        assert oto.get(path).status_code == 404
    assert oto.post(f"/api/chats/{code}/suggest-username/", json={}).status_code == 404
    assert oto.get(f"/rooms/{code}?invite=wrong").status_code == 404
    entered = gus.get(f"/rooms/{code}?invite={invite}")
    assert (entered.status_code, entered.headers["Location"]) == (303, f"/rooms/{code}")
    assert gus.get(f"/rooms/{code}").status_code == 200
    assert gus.join(code).status_code == 201
    assert invite in hana.get(f"/rooms/{code}").text, "the share strip carries the invite"


def test_an_invite_of_one_room_opens_no_other(app: Flask, hana: Person, gus: Person) -> None:
    first = hana.open_room("One", visibility="private")
    second = hana.open_room("Two", visibility="private")
    gus.get(f"/rooms/{first}?invite={room_of(app, first).invite}")
    cookie = gus.client.get_cookie(f"chatpop_invite_{first}")
    assert cookie
    gus.client.set_cookie(f"chatpop_invite_{second}", cookie.value)
    assert gus.get(f"/rooms/{second}").status_code == 404


def test_bad_input_is_told_beside_the_field(app: Flask, hana: Person) -> None:
    before = row_counts(app)
    empty = hana.post("/rooms", data={"name": " ", "visibility": "public"})
    assert empty.status_code == 422
    assert "Give the room a name." in empty.text
    assert hana.post("/rooms", data={"name": "x" * 61, "visibility": "public"}).status_code == 422
    assert hana.post("/rooms", data={"name": "x", "topic": "y" * 201, "visibility": "public"}).status_code == 422
    assert hana.post("/rooms", data={"name": "x", "visibility": "secret"}).status_code == 422
    assert row_counts(app) == before


def test_a_guest_hosts_two_rooms_at_most(hana: Person) -> None:
    hana.open_room("One")
    hana.open_room("Two")
    refused = hana.post("/rooms", data={"name": "Three", "visibility": "public"})
    assert refused.status_code == 429
    assert "Three" in refused.text, "what was typed is kept"


def test_the_qr_code_is_a_picture(hana: Person, oto: Person) -> None:
    code = hana.open_room()
    answer = oto.get(f"/rooms/{code}/qr.svg")
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    assert answer.text.startswith("<?xml")
