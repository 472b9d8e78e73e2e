"""The dice on the home page."""

from __future__ import annotations

import re

from flask import Flask

from chatpop.extensions import db
from chatpop.identity.models import User
from tests.conftest import both_databases
from tests.rooms.test_opening import room_of
from tests.support.people import Person

HELD = re.compile(r"<strong>(\w+)</strong> is held for you")


def _held(page: str) -> str:
    found = HELD.search(page)
    assert found, page
    return found.group(1)


@both_databases
def test_a_name_rolled_on_the_home_page_is_the_hosts_in_the_room_opened_next(app: Flask, gus: Person) -> None:
    assert gus.post("/dice-rolls", data={"csrf_token": ""}).status_code == 303
    name = _held(gus.get("/").text)

    code = gus.open_room()

    with app.app_context():
        host = db.session.get(User, room_of(app, code).host_id)
        assert host is not None
        assert host.username == name


def test_a_name_rolled_on_the_home_page_is_offered_in_a_room(hana: Person, gus: Person) -> None:
    gus.post("/dice-rolls")
    name = _held(gus.get("/").text)

    assert f'value="{name}"' in gus.get(f"/rooms/{hana.open_room()}").text


def test_a_roll_answers_the_dice_alone_to_htmx(gus: Person) -> None:
    answer = gus.post("/dice-rolls", headers={"HX-Request": "true"})

    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert 'id="home-dice"' in answer.text
    assert "9 rolls remaining" in answer.text
    assert _held(answer.text) == _held(gus.get("/").text)


def test_no_rolls_left_is_told_on_the_dice_and_the_last_name_stays(gus: Person) -> None:
    for _ in range(10):
        gus.post("/dice-rolls")
    name = _held(gus.get("/").text)

    refused = gus.post("/dice-rolls", headers={"HX-Request": "true"})

    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert "Maximum attempts exceeded. Try again in" in refused.text
    assert "Roll again" not in refused.text
    assert _held(refused.text) == name
    assert gus.post("/dice-rolls").status_code == 429


def test_a_guest_sees_who_they_are_and_no_dice(gus: Person) -> None:
    gus.open_room()
    page = gus.get("/").text

    assert "This is you:" in page
    assert 'action="/dice-rolls"' not in page


def test_a_roll_asked_for_by_another_site_is_refused(gus: Person) -> None:
    assert gus.post("/dice-rolls", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    nothing = {"Sec-Fetch-Site": None}
    assert gus.post("/dice-rolls", headers=nothing, data={"csrf_token": "wrong"}).status_code == 400
    assert "is held for you" not in gus.get("/").text
