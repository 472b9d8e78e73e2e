"""Class passes: thirty people behind one address get into one room, and nothing else opens."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from freezegun import freeze_time

from chatpop.core import clock
from tests.conftest import both_databases
from tests.support.people import Person
from tests.support.rows import row_counts

SCHOOL = "192.0.2.44"


@pytest.fixture
def tight(make_app: Callable[..., Flask]) -> Flask:
    """A site on which one network gets nowhere."""
    return make_app(MAX_ROLLS_PER_NETWORK="5", MAX_GUESTS_PER_NETWORK="5", MAX_ROLLS_PER_CLASS_PASS="30")


def pass_link(host: Person, code: str) -> str:
    """Make a pass as the host does; returns its path."""
    made = host.post(f"/rooms/{code}/class-passes", data={})
    assert made.status_code == 303, made.text
    page = host.get(made.headers["Location"])
    found = re.search(rf'value="http://[^/]+(/rooms/{code}/class-passes/[^"]+)"', page.text)
    assert found, page.text
    return found.group(1)


def pupil(app: Flask, link: str | None) -> Person:
    someone = Person(app, SCHOOL)
    if link:
        assert someone.get(link).status_code == 303
    return someone


def come_in(someone: Person, code: str) -> int:
    """Roll and join through the JSON calls; the status of the first that refuses, else of joining."""
    rolled = someone.post(f"/api/chats/{code}/suggest-username/", json={})
    return rolled.status_code if rolled.status_code != 200 else someone.join(code, rolled.json["username"]).status_code


@both_databases
def test_thirty_pupils_behind_one_address_get_in_with_the_pass_and_not_without(tight: Flask) -> None:
    hana = Person(tight, "192.0.2.1")
    code = hana.open_room()
    link = pass_link(hana, code)
    with ThreadPoolExecutor(8) as pool:
        without = list(pool.map(lambda _: come_in(pupil(tight, None), code), range(10)))
        with_pass = list(pool.map(lambda _: come_in(pupil(tight, link), code), range(30)))
    assert Counter(without) == {201: 5, 429: 5}
    assert Counter(with_pass) == {201: 30}


def test_the_pass_has_its_own_cap_whose_number_is_told(tight: Flask) -> None:
    hana = Person(tight, "192.0.2.1")
    code = hana.open_room()
    link = pass_link(hana, code)
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: come_in(pupil(tight, link), code), range(36)))
    assert Counter(statuses) == {201: 30, 429: 6}
    refused = pupil(tight, link).post(f"/api/chats/{code}/suggest-username/", json={})
    assert refused.json["error"] == "Maximum username generation attempts exceeded (30)"
    assert refused.headers["RateLimit-Limit"] == "30"
    again = pass_link(hana, code)
    assert come_in(pupil(tight, again), code) == 201, "a new pass has a cap of its own"


def test_the_pass_lifts_the_pages_too_but_not_the_limit_of_one_roller(tight: Flask) -> None:
    hana = Person(tight, "192.0.2.1")
    code = hana.open_room()
    gus = pupil(tight, pass_link(hana, code))
    statuses = [gus.post(f"/rooms/{code}/dice-rolls", data={}).status_code for _ in range(11)]
    assert statuses == [303] * 10 + [429]
    name = re.search(r'name="username" value="([^"]+)"', gus.get(f"/rooms/{code}/join").text)
    assert name
    assert gus.post(f"/rooms/{code}/participation", data={"username": name.group(1)}).status_code == 303


def test_another_room_is_not_lifted(tight: Flask) -> None:
    hana = Person(tight, "192.0.2.1")
    here, there = hana.open_room(), hana.open_room("Coffee")
    link = pass_link(hana, here)
    pupils = [pupil(tight, link) for _ in range(7)]
    assert Counter(come_in(someone, there) for someone in pupils) == {201: 5, 429: 2}
    cookie = pupils[0].client.get_cookie(f"chatpop_class_{here}")
    assert cookie
    forger = Person(tight, SCHOOL)
    forger.client.set_cookie(f"chatpop_class_{there}", cookie.value)
    assert come_in(forger, there) == 429


def test_a_pass_ends_after_two_hours(tight: Flask) -> None:
    hana = Person(tight, "192.0.2.1")
    code = hana.open_room()
    link = pass_link(hana, code)
    gus = pupil(tight, link)
    with freeze_time(clock.now() + timedelta(hours=1, minutes=59), tick=True):
        assert all(come_in(pupil(tight, link), code) == 201 for _ in range(7))
    with freeze_time(clock.now() + timedelta(hours=2, seconds=1), tick=True):
        assert gus.get(link).status_code == 404
        others = [Person(tight, SCHOOL) for _ in range(7)]
        for someone in others:
            someone.client.set_cookie(f"chatpop_class_{code}", gus.client.get_cookie(f"chatpop_class_{code}").value)  # type: ignore[union-attr]
        assert Counter(come_in(someone, code) for someone in others) == {201: 5, 429: 2}


def test_the_host_ends_a_pass_at_once(tight: Flask) -> None:
    hana = Person(tight, "192.0.2.1")
    code = hana.open_room()
    link = pass_link(hana, code)
    pupils = [pupil(tight, link) for _ in range(6)]
    ending = re.search(r'action="(/rooms/[^"]+/end)"', hana.get(f"/rooms/{code}/class-passes").text)
    assert ending
    assert hana.post(ending.group(1), data={}).status_code == 303
    assert Counter(come_in(someone, code) for someone in pupils) == {201: 5, 429: 1}
    assert Person(tight).get(link).status_code == 404


@both_databases
def test_the_link_is_no_identity_and_writes_nothing(app: Flask, hana: Person, gus: Person) -> None:
    code = hana.open_room()
    link = pass_link(hana, code)
    before = row_counts(app)
    answer = gus.get(link)
    assert answer.headers["Location"] == f"/rooms/{code}"
    assert gus.name is None
    assert row_counts(app) == before


def test_a_private_rooms_pass_is_an_invite_too(hana: Person, gus: Person) -> None:
    code = hana.open_room(visibility="private")
    link = pass_link(hana, code)
    assert gus.get(f"/rooms/{code}").status_code == 404
    gus.get(link)
    assert gus.get(f"/rooms/{code}").status_code == 200
    assert come_in(gus, code) == 201


def test_only_the_host_makes_sees_and_ends_passes(hana: Person, gus: Person, oto: Person) -> None:
    code = hana.open_room()
    pass_link(hana, code)
    gus.join(code)
    page = f"/rooms/{code}/class-passes"
    qr = re.search(r'src="([^"]+qr.svg)"', hana.get(page).text)
    ending = re.search(r'action="(/rooms/[^"]+/end)"', hana.get(page).text)
    assert qr
    assert ending
    assert hana.get(qr.group(1)).mimetype == "image/svg+xml"
    for path in (page, qr.group(1)):
        assert gus.get(path).status_code == 403
        assert oto.get(path).status_code == 303, "a visitor is sent to the door"
    for path in (page, ending.group(1)):
        assert gus.post(path, data={}).status_code == 403
        assert oto.post(path, data={}).headers["Location"] == f"/rooms/{code}/join"
        assert oto.post(path, json={}).status_code == 401
        assert hana.post(path, data={}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert "Class pass until" in hana.get(page).text


@pytest.mark.parametrize("secret", ["x", "%00", "a" * 300, "ä"])
def test_a_wrong_link_is_nothing(hana: Person, gus: Person, secret: str) -> None:
    code = hana.open_room()
    assert gus.get(f"/rooms/{code}/class-passes/{secret}").status_code == 404
    assert gus.get(f"/rooms/AAAAAA/class-passes/{secret}").status_code == 404


def test_a_network_makes_no_more_than_six_passes_an_hour(hana: Person) -> None:
    code = hana.open_room()
    statuses = [hana.post(f"/rooms/{code}/class-passes", data={}).status_code for _ in range(7)]
    assert statuses == [303] * 6 + [429]
