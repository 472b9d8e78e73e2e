"""Guessing passwords: stopped for the name and for the network, never for the owner's own browser."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from flask import Flask
from freezegun import freeze_time
from sqlalchemy import func, select

from chatpop.accounts.jobs import delete_old_login_failures
from chatpop.accounts.models import LoginFailure
from chatpop.accounts.passwords import hasher
from chatpop.accounts.throttle import FREE_FAILURES, wait_after
from chatpop.core import clock
from chatpop.extensions import db
from tests.accounts.acts import log_in, make_member, register
from tests.conftest import both_databases
from tests.support.people import Person

WRONG = "wrong-otter-kettle"


def guess(app: Flask, identifier: str = "Mia-Rivers", address: str = "203.0.113.1") -> int:
    return log_in(Person(app, address), identifier, WRONG).status_code


def test_the_wait_doubles_up_to_a_quarter_of_an_hour() -> None:
    assert [wait_after(number) for number in range(4, 12)] == [0, 30, 60, 120, 240, 480, 900, 900]
    assert wait_after(10_000) == 900


@both_databases
@pytest.mark.parametrize("identifier", ["Mia-Rivers", "mia@example.com", "nobody-here", "nobody@example.com"])
def test_a_name_has_five_free_failures_wherever_they_come_from(app: Flask, oto: Person, identifier: str) -> None:
    register(oto)
    statuses = [guess(app, identifier, f"203.0.113.{number}") for number in range(FREE_FAILURES + 1)]
    assert statuses == [422] * 5 + [429]
    runs = hasher.runs
    refused = log_in(Person(app, "203.0.113.99"), identifier)
    assert refused.status_code == 429, "even the right password waits"
    assert 1 <= int(refused.headers["Retry-After"]) <= 30
    assert hasher.runs == runs, "and no hash is computed"
    with freeze_time(clock.now() + timedelta(seconds=31), tick=True):
        assert guess(app, identifier) == 422
        assert guess(app, identifier) == 429
        refused = log_in(Person(app, "203.0.113.98"), identifier)
        assert 31 <= int(refused.headers["Retry-After"]) <= 60


def test_other_spellings_of_the_name_are_the_same_name(app: Flask, oto: Person) -> None:
    register(oto)
    for spelling in ("mia-rivers", "MIARIVERS", "M1A-R1VERS", "mia_rivers", "Mia-Rivers"):
        assert guess(app, spelling) == 422
    assert guess(app, "miaRivers") == 429


def test_failures_under_the_name_do_not_tell_the_address(app: Flask, oto: Person) -> None:
    register(oto)
    for number in range(6):
        guess(app, "Mia-Rivers", f"203.0.113.{number}")
    assert guess(app, "mia@example.com", "203.0.113.77") == 422


@both_databases
def test_a_success_forgives_the_failures_before(app: Flask, oto: Person) -> None:
    register(oto)
    for _ in range(2):
        for _ in range(4):
            assert guess(app) == 422
        assert log_in(Person(app, "203.0.113.1")).status_code == 303


@both_databases
def test_a_stranger_does_not_lock_the_owner_out(app: Flask, mia: Person) -> None:
    for number in range(20):
        guess(app, "Mia-Rivers", f"203.0.113.{number}")
    assert guess(app, "Mia-Rivers", "203.0.113.200") == 429
    mia.post("/logout")
    assert mia.name is None
    assert log_in(mia).status_code == 303, "a browser that has logged in before"
    assert guess(app, "Mia-Rivers", "203.0.113.201") == 429, "which sets no stranger free"


def test_strangers_on_the_same_network_do_not_lock_the_owner_out(make_app: Callable[..., Flask]) -> None:
    app = make_app(MAX_LOGIN_FAILURES_PER_NETWORK="3")
    mia = make_member(Person(app))
    mia.post("/logout")
    assert [guess(app, f"someone-{letter}{letter}", mia.address) for letter in "abcd"] == [422, 422, 422, 429]
    assert log_in(mia).status_code == 303


def test_a_known_browser_has_its_own_five_failures(app: Flask, mia: Person) -> None:
    mia.post("/logout")
    assert [log_in(mia, password=WRONG).status_code for _ in range(6)] == [422] * 5 + [429]
    assert log_in(mia).status_code == 429
    assert log_in(Person(app)).status_code == 303, "others are not held back by it"


def test_knowing_one_account_says_nothing_of_another(app: Flask, mia: Person, oto: Person) -> None:
    register(oto, "Oto-Rivers", "oto@example.com")
    mia.post("/logout")
    for number in range(5):
        guess(app, "Oto-Rivers", f"203.0.113.{number}")
    assert log_in(mia, "Oto-Rivers", WRONG).status_code == 429


@pytest.mark.parametrize("value", ["1:1", "forged", ""])
def test_a_forged_cookie_is_no_known_browser(app: Flask, oto: Person, value: str) -> None:
    register(oto)
    for number in range(5):
        guess(app, "Mia-Rivers", f"203.0.113.{number}")
    thief = Person(app, "203.0.113.50")
    thief.client.set_cookie("chatpop_known", value)
    assert log_in(thief).status_code == 429


@both_databases
def test_a_network_has_25_failures_in_five_minutes(app: Flask) -> None:
    statuses = [guess(app, f"nobody-{number:03}x") for number in range(26)]
    assert statuses == [422] * 25 + [429]
    assert guess(app, "somebody-else", "203.0.113.2") == 422
    with freeze_time(clock.now() + timedelta(minutes=5, seconds=1), tick=True):
        assert guess(app, "nobody-at-all") == 422


def test_the_throttle_holds_while_redis_is_away(make_app: Callable[..., Flask]) -> None:
    app = make_app(REDIS_URL="redis://127.0.0.1:1/0")
    statuses = [guess(app, f"nobody-{number:03}x") for number in range(26)]
    assert statuses == [422] * 25 + [429]


@both_databases
def test_parallel_guesses_are_counted_one_by_one(app: Flask, oto: Person) -> None:
    register(oto)
    barrier = Barrier(12)

    def race(number: int) -> int:
        barrier.wait()
        return guess(app, "Mia-Rivers", f"203.0.113.{number}")

    with ThreadPoolExecutor(12) as pool:
        statuses = sorted(pool.map(race, range(12)))
    assert statuses == [422] * 5 + [429] * 7


@both_databases
def test_parallel_guesses_of_one_network_are_counted_one_by_one(make_app: Callable[..., Flask]) -> None:
    app = make_app(MAX_LOGIN_FAILURES_PER_NETWORK="4")
    barrier = Barrier(12)

    def race(number: int) -> int:
        barrier.wait()
        return guess(app, f"nobody-{number:03}x")

    with ThreadPoolExecutor(12) as pool:
        assert sorted(pool.map(race, range(12))) == [422] * 4 + [429] * 8


def test_an_ipv6_network_is_counted_as_one(make_app: Callable[..., Flask]) -> None:
    app = make_app(MAX_LOGIN_FAILURES_PER_NETWORK="3")
    statuses = [guess(app, f"nobody-{letter}{letter}", f"2001:db8::{letter}") for letter in "abcd"]
    assert statuses == [422, 422, 422, 429]
    assert guess(app, "nobody-here", "2001:db8:0:1::a") == 422


def test_what_people_typed_is_not_kept(app: Flask) -> None:
    guess(app, "my-secret-passphrase")
    with app.app_context():
        assert all("secret" not in who for who in db.session.scalars(select(LoginFailure.who)))


def test_old_failures_are_deleted(app: Flask) -> None:
    guess(app)
    with app.app_context():
        assert delete_old_login_failures() == 0
    with freeze_time(clock.now() + timedelta(days=1, minutes=1), tick=True), app.app_context():
        assert delete_old_login_failures() == 2
        assert db.session.scalar(select(func.count(LoginFailure.id))) == 0
