"""Personal access tokens: made at the API or on the page, shown once, and over when they should be."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from freezegun import freeze_time
from sqlalchemy import select

from chatpop.core import clock, ids
from chatpop.extensions import db
from chatpop.identity.access_tokens import MOST_TOKENS
from chatpop.identity.models import PersonalAccessToken
from tests.accounts.acts import make_member
from tests.api.program import Program
from tests.conftest import both_databases
from tests.support.people import Person


def stored(app: Flask) -> list[PersonalAccessToken]:
    with app.app_context():
        return list(db.session.scalars(select(PersonalAccessToken)))


@both_databases
def test_a_token_is_shown_once_stored_as_a_hash_and_works(app: Flask, bot: Program) -> None:
    made = bot.post("tokens", {"name": " Weather\tbot ", "expires_in_days": 30})
    assert (made.status_code, made.json["name"]) == (201, "Weather bot")
    token = made.json["token"]
    assert re.fullmatch(r"cpat_[\w-]{43}", token)
    assert [row.token_hash for row in stored(app)] == [ids.hash_token(token)]
    assert Program(app, token).get("users/me/").json["username"] == "Mia-Rivers"
    listed = bot.get("tokens")
    assert token not in listed.text
    assert [(row["id"], row["name"]) for row in listed.json["tokens"]] == [(made.json["id"], "Weather bot")]


@both_databases
def test_a_revoked_token_is_worth_nothing(app: Flask, bot: Program) -> None:
    made = bot.post("tokens", {"name": "bot"}).json
    make_member(Person(app), "Olive-Tree", "olive@example.com")
    other = Program(app).log_in("Olive-Tree")
    assert other.delete(f"tokens/{made['id']}").status_code == 404
    assert Program(app, made["token"]).get("users/me/").status_code == 200
    assert bot.delete(f"tokens/{made['id']}").status_code == 204
    assert Program(app, made["token"]).get("users/me/").status_code == 401
    assert bot.delete(f"tokens/{made['id']}").status_code == 404


def test_a_token_ends_on_its_day(app: Flask, mia: Person) -> None:
    made = Program(app).log_in().post("tokens", {"name": "bot", "expires_in_days": 1}).json
    with freeze_time(clock.now() + timedelta(hours=23)):
        assert Program(app, made["token"]).get("users/me/").status_code == 200
    with freeze_time(clock.now() + timedelta(days=1)):
        assert Program(app, made["token"]).get("users/me/").status_code == 401


def test_logging_out_everywhere_on_the_page_ends_tokens_too(app: Flask, mia: Person, bot: Program) -> None:
    token = bot.post("tokens", {"name": "bot"}).json["token"]
    assert mia.post("/logout/everywhere").status_code == 303
    assert Program(app, token).get("users/me/").status_code == 401
    again = Program(app).log_in()
    assert again.get("tokens").json["tokens"] == []
    again.post("tokens", {"name": "bot"})
    assert len(stored(app)) == 1


def test_use_is_noted_at_most_once_a_minute(app: Flask, bot: Program) -> None:
    program = Program(app, bot.post("tokens", {"name": "bot"}).json["token"])
    assert stored(app)[0].last_used_at is None
    start = clock.now()
    for seconds, noted in ((0, 0), (50, 0), (70, 70)):
        with freeze_time(start + timedelta(seconds=seconds)):
            assert program.get("users/me/").status_code == 200
        assert stored(app)[0].last_used_at == start + timedelta(seconds=noted)


def test_a_token_makes_no_tokens_and_ends_itself_by_logging_out(app: Flask, bot: Program) -> None:
    program = Program(app, bot.post("tokens", {"name": "bot"}).json["token"])
    refused = program.post("tokens", {"name": "offspring"})
    assert (refused.status_code, refused.json["code"]) == (403, "session_needed")
    assert program.post("logout").status_code == 204
    assert program.get("users/me/").status_code == 401
    assert bot.get("users/me/").status_code == 200


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({}, 400),
        ({"name": 7}, 400),
        ({"name": " "}, 422),
        ({"name": "x" * 61}, 422),
        ({"name": "x", "expires_in_days": 0}, 422),
        ({"name": "x", "expires_in_days": 10**30}, 422),
        ({"name": "x", "expires_in_days": True}, 400),
        ({"name": "x", "expires_in_days": "7"}, 400),
        ({"name": "x", "expires_in_days": 1.5}, 400),
    ],
)
def test_other_wishes_are_refused(app: Flask, bot: Program, sent: dict[str, object], status: int) -> None:
    assert bot.post("tokens", sent).status_code == status
    assert stored(app) == []


def test_one_may_have_fifty(app: Flask, bot: Program) -> None:
    answers = [bot.post("tokens", {"name": str(number)}).status_code for number in range(MOST_TOKENS + 1)]
    assert answers == [201] * MOST_TOKENS + [409]


def test_the_page_makes_lists_and_revokes(app: Flask, mia: Person) -> None:
    made = mia.post("/account/tokens", data={"name": "Clock bot", "expires_in_days": "30"})
    assert made.status_code == 201
    assert made.headers["Cache-Control"] == "no-store"
    found = re.search(r'value="(cpat_[^"]+)"', made.text)
    assert found
    program = Program(app, found.group(1))
    assert program.get("users/me/").status_code == 200
    page = mia.get("/account/tokens").text
    assert "Clock bot" in page
    assert "cpat_" not in page
    action = re.search(r'action="(/account/tokens/[^"]+/revocation)"', page)
    assert action
    assert mia.post(action.group(1)).status_code == 303
    assert program.get("users/me/").status_code == 401
    assert "Clock bot" not in mia.get("/account/tokens").text


@pytest.mark.parametrize(
    "sent", [{"name": ""}, {"name": "x", "expires_in_days": "0"}, {"name": "x", "expires_in_days": "y"}]
)
def test_the_page_says_beside_the_field_what_is_wrong(app: Flask, mia: Person, sent: dict[str, str]) -> None:
    answer = mia.post("/account/tokens", data=sent)
    assert answer.status_code == 422
    assert answer.text.count('class="field-error"') == 1
    assert stored(app) == []


def test_the_page_is_for_members(app: Flask, mia: Person, hana: Person, oto: Person) -> None:
    hana.open_room()
    assert hana.get("/account/tokens").status_code == 403
    assert hana.post("/account/tokens", data={"name": "x"}).status_code == 403
    assert oto.get("/account/tokens").headers["Location"].startswith("/login")
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert mia.post("/account/tokens", data={"name": "x"}, headers=foreign).status_code == 403
    assert stored(app) == []
