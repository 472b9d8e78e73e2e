"""Renaming: once in a while, and the old name stays its owner's."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from freezegun import freeze_time
from sqlalchemy import select
from werkzeug.test import TestResponse

from chatpop.core import clock
from chatpop.extensions import db
from chatpop.names.models import Name
from chatpop.rooms.models import Participation
from tests.accounts.acts import log_in, make_member, register, user_called
from tests.conftest import both_databases
from tests.support.people import Person


def rename(someone: Person, name: str, **options: Any) -> TestResponse:
    return someone.post("/account/name", data={"username": name, **options.pop("data", {})}, **options)


@both_databases
def test_a_member_takes_another_name_and_keeps_the_old_one(app: Flask, mia: Person, oto: Person) -> None:
    code = mia.open_room()
    answer = rename(mia, "Mia-Brooks")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    assert "You are Mia-Brooks now." in mia.get("/account").text
    assert mia.name == "Mia-Brooks"
    assert log_in(Person(app), "miabrooks").status_code == 303
    assert "Username is already taken" in register(oto, "Mia-Rivers", "oto@example.com").text
    with app.app_context():
        names = db.session.scalars(select(Name).order_by(Name.id)).all()
        assert [(row.display, row.state) for row in names] == [("Mia-Rivers", "active"), ("Mia-Brooks", "active")]
        assert db.session.scalars(select(Participation.name)).all() == ["Mia-Rivers"]
    assert mia.say(code, "still here").status_code in (200, 201)


@both_databases
def test_a_rename_has_a_cool_down_of_30_days(app: Flask, mia: Person) -> None:
    rename(mia, "Mia-Brooks")
    for htmx in (False, True):
        answer = rename(mia, "Mia-Lakes", htmx=htmx)
        assert answer.status_code == 429
        assert "You can change it again on" in answer.text
        assert int(answer.headers["Retry-After"]) > 29 * 86_400
    assert mia.name == "Mia-Brooks"
    with freeze_time(clock.now() + timedelta(days=30, minutes=1), tick=True):
        log_in(mia, "mia@example.com")
        assert rename(mia, "Mia-Rivers").status_code == 303, "an earlier name can be taken back"
        assert mia.name == "Mia-Rivers"


def test_without_a_cool_down_renames_follow_each_other(make_app: Callable[..., Flask]) -> None:
    mia = make_member(Person(make_app(NAME_RENAME_COOLDOWN_DAYS="0")))
    assert [rename(mia, name).status_code for name in ("Mia-Brooks", "Mia-Lakes")] == [303, 303]


def test_the_same_name_again_changes_nothing_and_another_spelling_does(app: Flask, mia: Person) -> None:
    assert rename(mia, "Mia-Rivers").status_code == 303
    assert user_called(app, "Mia-Rivers").renamed_at is None
    assert rename(mia, "miaRivers").status_code == 303
    assert mia.name == "miaRivers"
    with app.app_context():
        assert db.session.scalars(select(Name.display)).all() == ["miaRivers"]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "Username is required"),
        ("ab", "too short"),
        ("admin", "kept for the site"),
        ("mia@example.com", "letters A to Z"),
    ],
)
def test_a_name_that_breaks_a_rule_is_refused(mia: Person, name: str, sentence: str) -> None:
    for htmx in (False, True):
        answer = rename(mia, name, htmx=htmx)
        assert answer.status_code == 422
        assert sentence in answer.text
        assert ("<html" in answer.text) is not htmx
    assert mia.name == "Mia-Rivers"


def test_a_taken_or_held_name_is_refused(app: Flask, mia: Person, hana: Person) -> None:
    make_member(Person(app), "Oto-Rivers", "oto@example.com")
    held = hana.roll()
    for name in ("oto_rivers", held):
        answer = rename(mia, name)
        assert answer.status_code == 422
        assert "Username is already taken" in answer.text


@both_databases
def test_two_members_who_want_one_name_have_one_winner(app: Flask, mia: Person) -> None:
    other = make_member(Person(app), "Oto-Rivers", "oto@example.com")
    barrier = Barrier(2)

    def race(someone: Person) -> int:
        barrier.wait()
        return rename(someone, "Wanted-Name").status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(race, [mia, other])) == [303, 422]


@both_databases
def test_parallel_renames_of_one_member_give_one(app: Flask, mia: Person) -> None:
    barrier = Barrier(4)

    def race(name: str) -> int:
        barrier.wait()
        return rename(mia_tab(app, mia), name).status_code

    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(race, ["Mia-Aa", "Mia-Bb", "Mia-Cc", "Mia-Dd"]))
    assert statuses == [303, 429, 429, 429]
    with app.app_context():
        assert len(db.session.scalars(select(Name)).all()) == 2


def mia_tab(app: Flask, mia: Person) -> Person:
    tab = Person(app)
    tab.client.set_cookie("chatpop_access", mia.cookie("access") or "")
    return tab


def test_outsiders_and_guests_rename_nobody(hana: Person, oto: Person) -> None:
    answer = rename(oto, "Some-Name")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert rename(oto, "Some-Name", htmx=True).status_code == 401
    hana.open_room()
    answer = rename(hana, "Some-Name")
    assert answer.status_code == 403
    assert "Registration required" in answer.text


def test_another_site_renames_nobody(mia: Person) -> None:
    assert rename(mia, "Some-Name", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert rename(mia, "Some-Name", data={"csrf_token": "wrong"}).status_code == 400
    assert mia.name == "Mia-Rivers"


def test_renames_are_limited_as_the_checks_are(make_app: Callable[..., Flask]) -> None:
    app = make_app(MAX_CHECKS_PER_NETWORK="2")
    mia = make_member(Person(app))
    make_member(Person(app), "Oto-Rivers", "oto@example.com")
    assert [rename(mia, "Oto-Rivers").status_code for _ in range(3)] == [422, 422, 429]
