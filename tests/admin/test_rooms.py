"""The page about rooms: found, looked into, handed over, deleted; and the first room of a new site."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select

from chatpop.extensions import db
from chatpop.rooms import overview
from chatpop.rooms.models import Message, Room
from tests.admin.acts import account, audit_actions, id_of
from tests.support.people import Person
from tests.support.rows import row_counts


def the_room(app: Flask, code: str) -> Room:
    with app.app_context():
        return db.session.scalars(select(Room).where(Room.code == code)).one()


def tag_in(admin: Person, code: str, name: str | None) -> str:
    page = admin.get(f"/admin/rooms/{code}").text
    found = re.search(rf'record-title">{name}.*?name="tag" value="(\w+)"', page, re.S)
    assert found
    return found.group(1)


def test_rooms_are_found_by_name_and_code(ada: Person, hana: Person, gus: Person) -> None:
    tea, coffee = hana.open_room("Tea & more"), gus.open_room("Coffee", visibility="private")
    hana.say(tea, "hello")
    listed = ada.get("/admin/rooms").text
    assert listed.index(coffee) < listed.index(tea), "the newest first, private ones too"
    found = ada.get("/admin/rooms?q=tea").text
    assert (tea in found, coffee in found, "1 message" in found, "1 member" in found) == (True, False, True, True)
    assert coffee in ada.get(f"/admin/rooms?q={coffee.lower()}").text
    assert "No room is found." in ada.get("/admin/rooms?q=%25").text
    assert ada.get("/admin/rooms/ABCDEF").status_code == 404


def test_the_list_is_paged(ada: Person, hana: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overview, "PAGE_SIZE", 1)
    first, second = hana.open_room("One"), hana.open_room("Two")
    page = ada.get("/admin/rooms").text
    assert (second in page, first in page) == (True, False)
    following = re.search(r'href="([^"]+)">Next page', page)
    assert following
    assert first in ada.get(following.group(1)).text


def test_an_admin_goes_into_a_private_room_and_it_is_written_down(app: Flask, ada: Person, hana: Person) -> None:
    code = hana.open_room("Secret", visibility="private")
    hana.say(code, "between us")
    visited = ada.post(f"/admin/rooms/{code}/visits")
    assert (visited.status_code, visited.headers["Location"]) == (303, f"/rooms/{code}")
    assert "between us" in ada.get(f"/rooms/{code}").text
    assert audit_actions(app) == ["room_visited"]
    assert ada.post(f"/admin/rooms/{code}/visits", data={"csrf_token": "wrong"}).status_code == 400


def test_a_room_is_handed_over_to_somebody_in_it(app: Flask, ada: Person, hana: Person, gus: Person) -> None:
    code = hana.open_room()
    gus.join(code)
    tag = tag_in(ada, code, gus.name)
    assert ada.post(f"/admin/rooms/{code}/host", data={"tag": tag, "csrf_token": "wrong"}).status_code == 400
    assert ada.post(f"/admin/rooms/{code}/host", data={"tag": tag}).status_code == 303
    assert the_room(app, code).host_id == id_of(app, gus)
    assert audit_actions(app) == ["room_handed_over"]
    assert ada.post(f"/admin/rooms/{code}/host", data={"tag": "nobody"}).status_code == 404
    hana_tag = tag_in(ada, code, hana.name)
    hana.post(f"/rooms/{code}/departure")
    assert ada.post(f"/admin/rooms/{code}/host", data={"tag": hana_tag}).status_code in (404, 422), "who has left"
    assert the_room(app, code).host_id == id_of(app, gus)


def test_a_room_is_deleted_when_its_code_is_typed(app: Flask, ada: Person, hana: Person) -> None:
    code = hana.open_room("Tea")
    hana.say(code, "hello")
    refused = ada.post(f"/admin/rooms/{code}/deletion", data={"code": "WRONG1"})
    assert (refused.status_code, "not the room" in refused.text) == (422, True)
    wrong = {"code": code, "csrf_token": "wrong"}
    assert ada.post(f"/admin/rooms/{code}/deletion", data=wrong).status_code == 400
    assert row_counts(app)["messages"] == 1
    assert ada.post(f"/admin/rooms/{code}/deletion", data={"code": code.lower()}).status_code == 303
    counts = row_counts(app)
    assert (counts["rooms"], counts["messages"], counts["participations"]) == (0, 0, 0)
    assert hana.get(f"/rooms/{code}").status_code == 404
    assert account(app, id_of(app, hana)).is_active
    assert audit_actions(app) == ["room_deleted"]


def test_the_first_admin_is_led_to_the_first_room(app: Flask, ada: Person, mia: Person, oto: Person) -> None:
    for page in (ada.get("/"), ada.get("/admin/people")):
        assert "Open its first room" in page.text
    for someone in (mia, oto):
        assert "Open its first room" not in someone.get("/").text
    bad = ada.post("/admin/first-room", data={"name": "", "visibility": "public", "welcome": "Hi there"})
    assert (bad.status_code, "Give the room a name." in bad.text, "Hi there" in bad.text) == (422, True, True)
    sent = {"name": "Common room", "topic": "", "visibility": "private", "welcome": "Welcome, all!"}
    assert ada.post("/admin/first-room", data=sent | {"csrf_token": "wrong"}).status_code == 400
    opened = ada.post("/admin/first-room", data=sent)
    assert opened.status_code == 303
    code = opened.headers["Location"].rpartition("/")[2]
    shown = ada.get(opened.headers["Location"]).text
    assert f"/rooms/{code}?invite=" in shown, "the link to hand on"
    assert "qr.svg" in shown
    with app.app_context():
        message = db.session.scalars(select(Message)).one()
    assert (message.body, the_room(app, code).pinned_seq) == ("Welcome, all!", message.seq)
    assert "Open its first room" not in ada.get("/").text
