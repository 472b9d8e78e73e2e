"""What answers of the API hold and what they never hold; what is sent besides has no effect."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from chatpop.extensions import db
from chatpop.identity.models import User
from tests.accounts.acts import user_called
from tests.api.program import Program
from tests.support.people import Person
from tests.support.rows import row_counts


def test_refused_fields_are_named(app: Flask, bot: Program) -> None:
    answer = bot.post("rooms", {"name": "   ", "visibility": "secret"})
    assert answer.status_code == 422
    assert set(answer.json["fields"]) == {"name", "visibility"}


def test_further_fields_have_no_effect(app: Flask, bot: Program, hana: Person) -> None:
    """Threat row 65: nobody becomes an admin, a host or an author by saying so."""
    extra = {
        "id": 1, "is_admin": True, "is_registered": False, "tier": "guest", "epoch": 9, "host_id": 1, "code": "ACDEFG",
        "invite_code": "x", "last_seq": 99, "author_id": 1, "author_name": "Ada", "author": "Ada", "seq": 77,
        "is_verified": False, "user_id": 1, "created_at": "2000-01-01T00:00:00Z", "token": "cpat_x", "token_hash": "x",
        "public_id": "x",
    }  # fmt: skip
    hana.open_room()
    before = user_called(app, "Mia-Rivers")
    room = bot.post("rooms", {"name": "Tea", **extra}).json
    assert room["code"] != "ACDEFG"
    assert room["is_host"] is True
    message = bot.post(f"rooms/{room['code']}/messages", {"body": "x", **extra}).json
    assert (message["seq"], message["author"], message["is_verified"]) == (1, "Mia-Rivers", True)
    made = bot.post("tokens", {"name": "bot", **extra}).json
    assert made["token"] != "cpat_x"
    assert Program(app, made["token"]).get("users/me/").json["id"] == before.id
    assert Program(app).post("refresh", {"refresh_token": bot.refresh, **extra}).status_code == 200
    after = user_called(app, "Mia-Rivers")
    for name in ("id", "is_admin", "is_registered", "epoch", "created_at"):
        assert getattr(after, name) == getattr(before, name)


def test_no_answer_carries_a_hash_a_fingerprint_or_an_address(app: Flask, bot: Program, hana: Person) -> None:
    code = hana.open_room()
    bot.post(f"rooms/{code}/participation", {"username": "Mia-Rivers"})
    hana.say(code, "x")
    bot.post("tokens", {"name": "bot"})
    with app.app_context():
        users = db.session.scalars(select(User)).all()
        secrets = [value for user in users for value in (user.password_hash, user.fingerprint_hash) if value]
    assert len(secrets) == 2
    for path in ("users/me/", "rooms", f"rooms/{code}", f"rooms/{code}/messages", "tokens"):
        text = bot.get(path).text
        assert "127.0.0.1" not in text
        assert not [word for word in ("hash", "fingerprint", "_ip") if word in text]
        assert not [secret for secret in secrets if secret in text]


def test_errors_under_the_prefix_are_problems(app: Flask, bot: Program) -> None:
    code = bot.post("rooms", {"name": "Tea"}).json["code"]
    expected = {
        ("GET", "nowhere"): 404,
        ("POST", "nowhere"): 404,
        ("DELETE", "rooms"): 405,
        ("PUT", "users/me/"): 405,
        ("GET", f"rooms/{code}/participation"): 405,
        ("GET", "rooms/XXXXXX"): 404,
        ("POST", "rooms"): 415,
    }
    for (method, path), status in expected.items():
        answer = bot.call(method, path)
        assert (answer.status_code, answer.content_type) == (status, "application/problem+json"), path
        assert answer.json["status"] == status
        assert {"type", "title", "status", "detail", "code"} <= set(answer.json)
        assert answer.json["detail"]
        assert ("Allow" in answer.headers) == (status == 405)
    large = bot.call("POST", "rooms", data=b"x" * 300_000, content_type="application/json")
    assert (large.status_code, large.content_type) == (413, "application/problem+json")


def test_another_sites_page_can_do_nothing_with_a_browsers_cookies(app: Flask, mia: Person, hana: Person) -> None:
    """Cookies are no credential here, so the calls need no form token (threat row 45)."""
    code = hana.open_room()
    paths = ["rooms", "tokens", "logout", "logout-all", f"rooms/{code}/messages", f"rooms/{code}/participation"]
    foreign = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    before = row_counts(app)
    for someone in (mia, hana):
        for path in paths:
            sent = {"name": "x", "body": "x", "username": "Mia-Rivers"}
            assert someone.post(f"/api/v1/{path}", json=sent, headers=foreign).status_code in (401, 403)
            answer = someone.post(f"/api/v1/{path}", data=sent, headers=foreign)
            assert "Access-Control-Allow-Origin" not in answer.headers
        for path in ("login", "refresh"):
            sent = {"username": "Mia-Rivers", "password": "guess", "refresh_token": "x"}
            assert someone.post(f"/api/v1/{path}", data=sent, headers=foreign).json["code"] == "cross_site"
    assert row_counts(app) == before
