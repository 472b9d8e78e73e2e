"""Bearers that are forged, over, or of accounts that may not call (threat rows 22 to 24 and 66)."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from flask import Flask
from sqlalchemy import update

from chatpop.core import clock
from chatpop.core.keys import derive_key
from chatpop.extensions import db
from chatpop.identity.models import User
from tests.accounts.acts import user_called
from tests.api.program import Program
from tests.conftest import SECRET
from tests.support.people import Person


def claims_of(app: Flask, bot: Program) -> dict[str, Any]:
    """What a good access token says."""
    assert bot.access
    return dict(jwt.decode(bot.access, options={"verify_signature": False}))


def sign(claims: dict[str, Any], key: bytes | None = None, typ: str | None = "at+jwt", algorithm: str = "HS256") -> str:
    return jwt.encode(claims, key or derive_key(SECRET, "access"), algorithm=algorithm, headers={"typ": typ})


def unsigned(claims: dict[str, Any]) -> str:
    parts = [{"alg": "none", "typ": "at+jwt"}, claims]
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts) + "."


def forged(claims: dict[str, Any], name: str) -> dict[str, str]:
    """Tokens that are wrong in one thing each."""
    now = int(clock.timestamp())
    return {
        "alg none": unsigned(claims),
        "other key": sign(claims, b"x" * 32),
        "the secret itself as key": sign(claims, SECRET.encode()),
        "other purpose's key": sign(claims, derive_key(SECRET, "fingerprint")),
        "other algorithm": sign(claims, derive_key(SECRET, "access") * 2, algorithm="HS512"),
        "no exp": sign({key: value for key, value in claims.items() if key != "exp"}),
        "over": sign({**claims, "exp": now - 60}),
        "not yet": sign({**claims, "nbf": now + 60}),
        "wrong typ": sign(claims, typ="JWT"),
        "no typ": sign(claims, typ=None),
        "refresh typ": sign(claims, typ="rt+jwt"),
        "wrong aud": sign({**claims, "aud": "pages"}),
        "no aud": sign({key: value for key, value in claims.items() if key != "aud"}),
        "wrong iss": sign({**claims, "iss": "elsewhere"}),
        "name as subject": sign({**claims, "sub": name}),
        "somebody else as subject": sign({**claims, "sub": str(int(claims["sub"]) + 1)}),
        "nobody as subject": sign({**claims, "sub": "999999"}),
        "other session": sign({**claims, "sid": claims["sid"] + 1_000}),
        "other epoch": sign({**claims, "epoch": claims["epoch"] + 1}),
        "cut": sign(claims)[:-3],
    }


def test_forged_tokens_are_401_and_the_true_one_is_not(app: Flask, mia: Person, hana: Person, bot: Program) -> None:
    hana.open_room()
    claims = claims_of(app, bot)
    assert Program(app, sign(claims)).get("users/me/").status_code == 200
    for what, token in forged(claims, "Mia-Rivers").items():
        answer = Program(app, token).get("users/me/")
        assert (answer.status_code, answer.json["code"]) == (401, "invalid_token"), what


def test_a_released_name_brings_its_new_owner_none_of_the_old_ones_tokens(
    app: Flask, mia: Person, bot: Program
) -> None:
    """The subject is the account's id: neither a name nor a name that looks like an id leads anywhere."""
    user = user_called(app, "Mia-Rivers")
    with app.app_context():
        db.session.execute(update(User).where(User.id == user.id).values(username="17"))
        db.session.commit()
    claims = claims_of(app, bot)
    assert Program(app, sign({**claims, "sub": "17"})).get("users/me/").status_code == 401
    assert bot.get("users/me/").json["id"] == user.id


@pytest.mark.parametrize(
    "header", ["Basic bWlhOng=", "Bearer", "Bearer ", "bearer x y", "Bearer a=b", "Token x", "\xff"]
)
def test_other_headers_are_no_credentials(app: Flask, mia: Person, header: str) -> None:
    answer = Program(app).get("users/me/", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_guest_is_told_to_register_on_every_call(app: Flask, hana: Person) -> None:
    hana.open_room()
    document = hana.get("/api/v1/openapi.json").json
    for path, calls in document["paths"].items():
        for method in [method for method, call in calls.items() if call["security"]]:
            address = path.replace("{code}", "ACDEFG").replace("{seq}", "1").replace("{token_id}", "x")
            by_cookies = hana.client.open(address, method=method.upper())
            by_token = Program(app, hana.cookie("access")).call(method.upper(), address)
            for answer in (by_cookies, by_token):
                assert answer.status_code == 403, (path, method)
                assert answer.get_json()["detail"] == "Registration required"


def test_a_members_cookies_are_as_good_as_none(app: Flask, mia: Person) -> None:
    answer = mia.get("/api/v1/users/me/")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.json["detail"] == "Authentication required"


def test_a_token_for_the_api_of_a_guest_is_403(app: Flask, mia: Person, bot: Program) -> None:
    """No log-in gives one; an account that is a guest again must not be let in by it."""
    with app.app_context():
        db.session.execute(update(User).values(is_registered=False))
        db.session.commit()
    answer = bot.get("users/me/")
    assert (answer.status_code, answer.json["detail"]) == (403, "Registration required")


@pytest.mark.parametrize("raised", [0, 1])
def test_disabled_is_403_with_a_sentence_and_abandoned_is_401(
    app: Flask, mia: Person, bot: Program, raised: int
) -> None:
    personal = Program(app, bot.post("tokens", {"name": "bot"}).json["token"])
    with app.app_context():
        db.session.execute(update(User).values(is_disabled=True, epoch=User.epoch + raised))
        db.session.commit()
    for program in (bot, personal):
        answer = program.get("users/me/")
        assert (answer.status_code, answer.json["code"]) == (403, "account_disabled")
        assert "disabled" in answer.json["detail"]
    with app.app_context():
        db.session.execute(update(User).values(is_disabled=False, is_abandoned=True))
        db.session.commit()
    assert [program.get("users/me/").status_code for program in (bot, personal)] == [401, 401]


def test_an_access_token_lives_for_fifteen_minutes(app: Flask, bot: Program) -> None:
    claims = claims_of(app, bot)
    assert claims["exp"] - claims["iat"] == timedelta(minutes=15).total_seconds()
