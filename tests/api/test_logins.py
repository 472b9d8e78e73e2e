"""Logging in at the API: OAuth2's form, pairs of tokens that each work once, and ends."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from freezegun import freeze_time
from sqlalchemy import select

from chatpop.core import clock
from chatpop.extensions import db
from chatpop.identity.models import Session
from tests.accounts.acts import PASSWORD, user_called
from tests.api.program import Program
from tests.conftest import both_databases
from tests.support.people import Person


@both_databases
def test_the_oauth2_form_and_json_give_a_pair(app: Flask, mia: Person) -> None:
    form = {"grant_type": "password", "username": "mia-rivers", "password": PASSWORD}
    for options in ({"data": form}, {"json": {"username": "MIA@example.com", "password": PASSWORD}}):
        answer = Program(app).call("POST", "login", **options)
        assert answer.status_code == 200, answer.text
        assert set(answer.json) == {"access_token", "refresh_token", "token_type", "expires_in"}
        assert (answer.json["token_type"], answer.json["expires_in"]) == ("bearer", 900)
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers
        me = Program(app, answer.json["access_token"]).get("users/me/")
        assert me.json["username"] == "Mia-Rivers"


def test_every_failure_has_one_answer(app: Flask, mia: Person, hana: Person) -> None:
    hana.open_room()
    attempts = [
        ("Mia-Rivers", "wrong"),
        ("Nobody-Here", PASSWORD),
        (hana.name or "", PASSWORD),
        ("no@example.com", "x"),
    ]
    answers = [Program(app).post("login", {"username": name, "password": word}) for name, word in attempts]
    assert len({(answer.status_code, answer.text) for answer in answers}) == 1
    assert (answers[0].status_code, answers[0].json["code"]) == (401, "login_failed")
    assert answers[0].headers["WWW-Authenticate"] == "Bearer"


def test_failures_are_throttled_as_at_the_page(app: Flask, mia: Person) -> None:
    for _ in range(5):
        assert Program(app).post("login", {"username": "Mia-Rivers", "password": "wrong"}).status_code == 401
    answer = Program(app).post("login", {"username": "Mia-Rivers", "password": PASSWORD})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 30
    assert answer.json["code"] == "too_many_failures"
    page = Person(app).post("/login", data={"username": "Mia-Rivers", "password": PASSWORD})
    assert page.status_code == 429


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"data": {"username": "Mia-Rivers"}}, 400),
        ({"json": {"username": "Mia-Rivers", "password": 7}}, 400),
        ({"json": []}, 400),
        ({"json": {"grant_type": "client_credentials", "username": "Mia-Rivers", "password": PASSWORD}}, 400),
        ({"data": b"<xml/>", "content_type": "text/xml"}, 415),
        ({"data": b"x" * 300_000, "content_type": "application/json"}, 413),
    ],
)
def test_other_bodies_are_problems(app: Flask, mia: Person, options: dict[str, Any], status: int) -> None:
    answer = Program(app).call("POST", "login", **options)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")


@both_databases
def test_a_refresh_token_works_once_and_its_reuse_ends_the_session(app: Flask, mia: Person) -> None:
    bot = Program(app).log_in()
    first = bot.refresh
    pair = Program(app).post("refresh", {"refresh_token": first}).json
    assert pair["refresh_token"] != first
    assert Program(app, pair["access_token"]).get("users/me/").status_code == 200
    assert Program(app).post("refresh", {"refresh_token": first}).status_code == 401
    assert Program(app, pair["access_token"]).get("users/me/").status_code == 401
    assert Program(app).post("refresh", {"refresh_token": pair["refresh_token"]}).status_code == 401


@both_databases
def test_parallel_uses_of_one_refresh_token_give_at_most_one_pair(app: Flask, bot: Program) -> None:
    def use(_: int) -> int:
        return Program(app).post("refresh", {"refresh_token": bot.refresh}).status_code

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(use, range(4)))
    assert answers == [200, 401, 401, 401]
    assert bot.get("users/me/").status_code == 401


def test_a_refresh_token_lives_for_a_week(app: Flask, bot: Program) -> None:
    with freeze_time(clock.now() + timedelta(days=7, seconds=1)):
        assert bot.post("refresh", {"refresh_token": bot.refresh}).status_code == 401


def test_logging_out_ends_the_session_shown_and_no_other(app: Flask, mia: Person, bot: Program) -> None:
    other = Program(app).log_in()
    assert bot.post("logout").status_code == 204
    assert bot.get("users/me/").status_code == 401
    assert Program(app).post("refresh", {"refresh_token": bot.refresh}).status_code == 401
    assert other.get("users/me/").status_code == 200
    assert mia.name == "Mia-Rivers"


def test_logging_out_of_all_ends_browsers_programs_and_tokens(app: Flask, mia: Person, bot: Program) -> None:
    other = Program(app).log_in()
    personal = Program(app, bot.post("tokens", {"name": "bot"}).json["token"])
    assert personal.post("logout-all").status_code == 204
    assert [program.get("users/me/").status_code for program in (bot, other, personal)] == [401, 401, 401]
    assert mia.name is None
    with app.app_context():
        assert all(db.session.scalars(select(Session.revoked_at)))


def test_a_log_in_is_a_session_of_its_own_kind_and_is_noted(app: Flask, bot: Program) -> None:
    user = user_called(app, "Mia-Rivers")
    assert user.last_login_ip == "127.0.0.1"
    with app.app_context():
        assert set(db.session.scalars(select(Session.audience))) == {"pages", "api"}


def test_every_call_is_seen_at_most_once_a_minute(app: Flask, bot: Program) -> None:
    before = user_called(app, "Mia-Rivers").last_seen_at
    with freeze_time(before + timedelta(seconds=50)):
        bot.get("rooms")
    assert user_called(app, "Mia-Rivers").last_seen_at == before
    with freeze_time(before + timedelta(seconds=70)):
        assert bot.get("rooms").status_code == 200
    assert user_called(app, "Mia-Rivers").last_seen_at == before + timedelta(seconds=70)
