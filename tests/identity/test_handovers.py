"""Handing over: the known browser lets another one in, by a code and a number (SECURITY, row 16)."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from freezegun import freeze_time
from sqlalchemy import select, update

from chatpop.core import clock
from chatpop.extensions import db
from chatpop.identity.models import Handover, User
from tests.conftest import both_databases
from tests.support.people import Answer, Person
from tests.support.rows import row_counts

CODE = re.compile(r'<p class="way-code".*?</p>', re.S)
GROUP = re.compile(r"<span>([0-9A-Z]{4})</span>")
NUMBER = re.compile(r'<p class="way-number">(\d\d)</p>')
CHOICE = re.compile(r'name="number" value="(\d\d)"')


class Handing:
    """The old browser's side: its page, the code on it, the numbers to choose from."""

    def __init__(self, someone: Person) -> None:
        self.someone = someone
        answer = someone.post("/handovers")
        assert answer.status_code == 303
        self.path = answer.headers["Location"]
        shown = CODE.search(self.page)
        assert shown
        self.code = "-".join(GROUP.findall(shown.group()))
        assert len(self.code) == 14

    @property
    def page(self) -> str:
        return self.someone.get(self.path).text

    @property
    def choices(self) -> list[str]:
        return CHOICE.findall(self.page)

    def choose(self, number: str, **options: Any) -> Answer:
        return self.someone.post(f"{self.path}/confirmation", data={"number": number}, **options)


def arrive(someone: Person, code: str) -> str:
    """Bring the code; returns the number shown."""
    answer = someone.post("/handover", data={"code": code})
    assert answer.status_code == 303, answer.text
    found = NUMBER.search(someone.get(answer.headers["Location"]).text)
    assert found
    return found.group(1)


def complete(someone: Person, **options: Any) -> Answer:
    return someone.post("/handover/completion", **options)


@pytest.fixture
def handing(hana: Person) -> Handing:
    hana.open_room()
    return Handing(hana)


@both_databases
def test_a_second_device_comes_in_after_the_right_number(app: Flask, hana: Person, gus: Person) -> None:
    hana.open_room()
    handing = Handing(hana)
    assert handing.choices == []
    number = arrive(gus, handing.code)
    assert number in handing.choices
    assert len(set(handing.choices)) == 3
    assert complete(gus).status_code == 409, "not before it is confirmed"
    assert gus.name is None
    assert handing.choose(number).status_code == 303
    assert complete(gus).status_code == 303
    assert gus.name == hana.name
    assert gus.cookie("device") not in (None, hana.cookie("device"))
    assert "Done" in handing.page
    assert complete(gus).status_code == 409, "once"
    assert row_counts(app)["devices"] == 2


def test_the_wrong_number_ends_it(handing: Handing, gus: Person) -> None:
    number = arrive(gus, handing.code)
    wrong = next(choice for choice in handing.choices if choice != number)
    assert handing.choose(wrong).status_code == 409
    assert handing.choose(number).status_code == 409, "dead"
    assert complete(gus).status_code == 409
    assert gus.name is None


@pytest.mark.parametrize("number", ["", "x", "100", "٤٢", "-1"])
def test_no_number_ends_it_too(handing: Handing, gus: Person, number: str) -> None:
    right = arrive(gus, handing.code)
    assert handing.choose(number).status_code == 409
    assert handing.choose(right).status_code == 409


@pytest.mark.parametrize(("seconds", "is_open"), [(119, True), (121, False)])
def test_the_code_lasts_two_minutes(hana: Person, gus: Person, seconds: int, is_open: bool) -> None:
    with freeze_time(clock.now()) as time:
        hana.open_room()
        handing = Handing(hana)
        time.tick(seconds)
        assert gus.post("/handover", data={"code": handing.code}).status_code == (303 if is_open else 422)


@pytest.mark.parametrize(("seconds", "is_open"), [(119, True), (121, False)])
def test_the_number_is_chosen_within_two_minutes(hana: Person, gus: Person, seconds: int, is_open: bool) -> None:
    with freeze_time(clock.now()) as time:
        hana.open_room()
        handing = Handing(hana)
        number = arrive(gus, handing.code)
        time.tick(seconds)
        assert handing.choose(number).status_code == (303 if is_open else 409)
        assert (complete(gus).status_code == 303) is is_open
        assert (gus.name == hana.name) is is_open


def test_a_confirmed_session_is_collected_within_a_minute(hana: Person, gus: Person) -> None:
    with freeze_time(clock.now()) as time:
        hana.open_room()
        handing = Handing(hana)
        handing.choose(arrive(gus, handing.code))
        time.tick(61)
        assert complete(gus).status_code == 409
        assert gus.name is None


def test_the_session_is_for_the_browser_that_brought_the_code(handing: Handing, gus: Person, oto: Person) -> None:
    number = arrive(gus, handing.code)
    assert oto.post("/handover", data={"code": handing.code}).status_code == 422, "the first one counts"
    handing.choose(number)
    assert complete(oto).status_code == 409
    assert oto.name is None
    assert complete(gus).status_code == 303


def test_looking_spends_nothing_and_logs_nobody_in(app: Flask, handing: Handing, gus: Person) -> None:
    before = row_counts(app)
    for path in ("/handover", "/handover/number", handing.path, f"{handing.path}/state", f"{handing.path}/qr.svg"):
        for someone in (gus, handing.someone):
            someone.get(path)
    assert row_counts(app) == before
    number = arrive(gus, handing.code)
    handing.choose(number)
    assert gus.get("/handover/number").status_code == 200
    assert gus.name is None, "a GET lets nobody in"


def test_only_the_account_itself_sees_and_answers_its_handover(handing: Handing, gus: Person, oto: Person) -> None:
    oto.open_room()
    number = arrive(gus, handing.code)
    for path in ("", "/state", "/qr.svg"):
        assert oto.get(handing.path + path).status_code == 404
    assert oto.post(f"{handing.path}/confirmation", data={"number": number}).status_code == 404
    assert gus.get(handing.path).status_code == 303, "a visitor is sent to log in"
    assert handing.choose(number).status_code == 303, "and it is still alive"


def test_a_newer_one_replaces_the_older(hana: Person, gus: Person) -> None:
    hana.open_room()
    first, second = Handing(hana), Handing(hana)
    assert gus.post("/handover", data={"code": first.code}).status_code == 422
    arrive(gus, second.code)


def test_wrong_used_and_late_codes_have_one_answer_and_the_sixth_is_429(
    handing: Handing, gus: Person, oto: Person
) -> None:
    arrive(gus, handing.code)
    answers = [oto.post("/handover", data={"code": code}) for code in (handing.code, "0000-0000-0000", "", "x", "ü")]
    assert {answer.status_code for answer in answers} == {422}
    assert len({re.sub(r'value="[^"]+"', "", answer.text) for answer in answers}) == 1
    assert oto.post("/handover", data={"code": "x"}).status_code == 429


@pytest.mark.parametrize("change", [{"epoch": User.epoch + 1}, {"is_abandoned": True}, {"is_disabled": True}])
def test_an_account_that_changed_meanwhile_lets_nobody_in(
    app: Flask, handing: Handing, gus: Person, change: dict[str, object]
) -> None:
    handing.choose(arrive(gus, handing.code))
    with app.app_context():
        db.session.execute(update(User).values(**change))
        db.session.commit()
    assert complete(gus).status_code == 409
    assert gus.name is None


@both_databases
def test_six_tabs_that_come_for_one_session_get_one(app: Flask, hana: Person, gus: Person) -> None:
    hana.open_room()
    handing = Handing(hana)
    handing.choose(arrive(gus, handing.code))
    cookie = gus.client.get_cookie("chatpop_flash")
    assert cookie
    tabs = [Person(app) for _ in range(6)]
    for tab in tabs:
        tab.client.set_cookie("chatpop_flash", cookie.value)
    with ThreadPoolExecutor(6) as pool:
        statuses = sorted(pool.map(lambda tab: complete(tab).status_code, tabs))
    assert statuses == [303, *[409] * 5]
    assert row_counts(app)["devices"] == 2


def test_the_code_is_in_no_log_no_address_and_no_table(
    app: Flask, handing: Handing, gus: Person, capfd: pytest.CaptureFixture[str]
) -> None:
    arrive(gus, handing.code)
    handing.choose("99")
    plain = handing.code.replace("-", "")
    seen = "".join(capfd.readouterr())
    assert plain not in seen
    assert handing.code not in seen
    assert handing.code not in handing.path
    with app.app_context():
        rows = db.session.execute(select(Handover.__table__)).all()
    assert plain not in str(rows)
    svg = handing.someone.get(f"{handing.path}/qr.svg")
    assert svg.mimetype == "image/svg+xml"
    assert "no-store" in svg.headers["Cache-Control"]


def test_htmx_asks_on_until_something_changes(handing: Handing, gus: Person) -> None:
    state = f"{handing.path}/state?seen="
    assert handing.someone.get(f"{state}waiting", htmx=True).status_code == 204
    number = arrive(gus, handing.code)
    numbers = handing.someone.get(f"{state}waiting", htmx=True)
    assert numbers.status_code == 200
    assert "<html" not in numbers.text
    assert number in CHOICE.findall(numbers.text)
    assert complete(gus, htmx=True).status_code == 204
    assert "Right." in handing.choose(number, htmx=True).text
    done = complete(gus, htmx=True)
    assert done.headers["HX-Redirect"] == "/"
    assert gus.name == handing.someone.name


def test_under_policy_none_the_new_browser_gets_a_session_alone(make_app: Callable[..., Flask]) -> None:
    app = make_app(GUEST_RECOGNITION="none")
    hana, gus = Person(app), Person(app)
    hana.open_room()
    handing = Handing(hana)
    handing.choose(arrive(gus, handing.code))
    complete(gus)
    assert gus.name == hana.name
    assert gus.cookie("device") is None


def test_a_cross_site_page_can_do_nothing_of_it(handing: Handing, gus: Person) -> None:
    cross = {"Sec-Fetch-Site": "cross-site"}
    number = arrive(gus, handing.code)
    assert handing.someone.post("/handovers", headers=cross).status_code == 403
    assert handing.choose(number, headers=cross).status_code == 403
    assert complete(gus, headers=cross).status_code == 403
    assert handing.choose(number).status_code == 303
