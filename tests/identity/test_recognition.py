"""Coming back: access token, refresh token, device; and never into somebody else's account."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import cast

import jwt
import pytest
from flask import Flask
from freezegun import freeze_time
from sqlalchemy import func, select, update

from chatpop.core import clock
from chatpop.core.keys import derive_key
from chatpop.extensions import db
from chatpop.identity.models import Device, RefreshToken, Session, User
from tests.conftest import SECRET, both_databases
from tests.support.people import Person
from tests.support.rows import row_counts


def name_seen_by(someone: Person) -> str | None:
    return someone.name


def with_cookies(app: Flask, someone: Person, *kinds: str) -> Person:
    """A browser that has only these cookies of somebody."""
    twin = Person(app)
    for kind in kinds:
        value = someone.cookie(kind)
        assert value
        twin.client.set_cookie(f"chatpop_{kind}", value)
    return twin


@pytest.fixture
def guest(hana: Person) -> tuple[Person, str]:
    """A guest and their name."""
    code = hana.open_room()
    name = name_seen_by(hana)
    assert name
    assert code
    return hana, name


def test_each_credential_alone_brings_the_guest_back(app: Flask, guest: tuple[Person, str]) -> None:
    someone, name = guest
    assert name_seen_by(with_cookies(app, someone, "access")) == name
    assert name_seen_by(with_cookies(app, someone, "refresh")) == name
    assert name_seen_by(with_cookies(app, someone, "device")) == name


def test_equal_headers_and_address_are_two_people(app: Flask) -> None:
    first, second = Person(app), Person(app)
    first.open_room("One")
    assert name_seen_by(second) is None
    second.open_room("Two")
    assert name_seen_by(first) != name_seen_by(second)


@both_databases
def test_after_a_week_the_device_brings_the_guest_back(app: Flask, hana: Person) -> None:
    hana.open_room()
    name = name_seen_by(hana)
    with freeze_time(clock.now() + timedelta(days=40), tick=True):
        assert name_seen_by(hana) == name
        assert hana.cookie("access"), "and the browser has fresh tokens"


@both_databases
def test_20_parallel_requests_with_an_expired_access_token_stay_logged_in(app: Flask, hana: Person) -> None:
    hana.open_room()
    name = name_seen_by(hana)
    with freeze_time(clock.now() + timedelta(minutes=20), tick=True):
        tabs = [with_cookies(app, hana, "access", "refresh") for _ in range(20)]
        with ThreadPoolExecutor(20) as pool:
            assert set(pool.map(name_seen_by, tabs)) == {name}
        with app.app_context():
            assert db.session.scalar(select(func.count(RefreshToken.id))) == 2, "one successor"


def test_a_refresh_token_used_again_after_the_grace_ends_the_session(app: Flask, hana: Person) -> None:
    hana.open_room()
    old = with_cookies(app, hana, "refresh")
    name = name_seen_by(with_cookies(app, hana, "refresh"))
    with app.app_context():
        db.session.execute(
            update(RefreshToken)
            .where(RefreshToken.used_at.is_not(None))
            .values(used_at=clock.now() - timedelta(seconds=21))
        )
        db.session.commit()
    assert name_seen_by(old) is None
    assert name
    assert name_seen_by(with_cookies(app, hana, "access")) is None, "the whole family is dead"


def test_a_device_is_renewed_daily_and_an_old_secret_revokes_it(app: Flask, hana: Person) -> None:
    hana.open_room()
    thief = with_cookies(app, hana, "device")
    owner = with_cookies(app, hana, "device")
    with freeze_time(clock.now() + timedelta(days=2), tick=True):
        name = name_seen_by(owner)
        assert name
        assert owner.cookie("device") != thief.cookie("device")
        assert name_seen_by(with_cookies(app, thief, "device")) == name, "the grace of a minute"
    with freeze_time(clock.now() + timedelta(days=2, minutes=2), tick=True):
        assert name_seen_by(thief) is None
        assert name_seen_by(with_cookies(app, owner, "device")) is None, "both need another proof"


def test_the_slower_of_two_tabs_does_not_bring_the_old_device_secret_back(app: Flask, hana: Person) -> None:
    hana.open_room()
    faster, slower = with_cookies(app, hana, "device"), with_cookies(app, hana, "device")
    with freeze_time(clock.now() + timedelta(days=9), tick=True):
        assert name_seen_by(faster)
        answer = slower.get("/")
        assert "chip-visitor" not in answer.text
        assert not [line for line in answer.headers.getlist("Set-Cookie") if line.startswith("chatpop_device=")]
        assert faster.cookie("device") != hana.cookie("device")
    with freeze_time(clock.now() + timedelta(days=18), tick=True):
        assert name_seen_by(with_cookies(app, faster, "device"))


@pytest.mark.parametrize("state", ["is_disabled", "is_abandoned"])
def test_a_dead_account_is_refused_at_every_step(app: Flask, hana: Person, state: str) -> None:
    code = hana.open_room()
    browsers = [with_cookies(app, hana, kind) for kind in ("access", "refresh", "device")]
    with app.app_context():
        db.session.execute(update(User).values({state: True}))
        db.session.commit()
    for browser in browsers:
        said = browser.say(code, "still me?")
        assert said.status_code == (403 if state == "is_disabled" else 401)
        if state == "is_abandoned":
            assert browser.get("/").status_code == 200
            assert name_seen_by(browser) is None


def test_raising_the_epoch_ends_access_and_refresh(app: Flask, hana: Person) -> None:
    hana.open_room()
    browsers = [with_cookies(app, hana, kind) for kind in ("access", "refresh")]
    with app.app_context():
        db.session.execute(update(User).values(epoch=User.epoch + 1))
        db.session.commit()
    assert [name_seen_by(browser) for browser in browsers] == [None, None]


def test_revoking_the_session_ends_its_access_token_at_once(app: Flask, hana: Person) -> None:
    hana.open_room()
    browser = with_cookies(app, hana, "access")
    with app.app_context():
        db.session.execute(update(Session).values(revoked_at=clock.now()))
        db.session.commit()
    assert name_seen_by(browser) is None


def forged(user_id: str, **changes: object) -> str:
    now = int(clock.timestamp())
    claims = {
        "iss": "chatpop", "aud": "pages", "sub": user_id, "sid": 1, "epoch": 0,
        "iat": now, "nbf": now, "exp": now + 900, "jti": "x",
    }  # fmt: skip
    claims |= {key: value for key, value in changes.items() if key not in ("key", "typ", "alg")}
    claims = {key: value for key, value in claims.items() if value is not None}
    key = cast(bytes, changes.get("key", derive_key(SECRET, "access")))
    algorithm = str(changes.get("alg", "HS256"))
    headers = {"typ": str(changes.get("typ", "at+jwt"))}
    return jwt.encode(claims, "" if algorithm == "none" else key, algorithm=algorithm, headers=headers)


FORGERIES: list[dict[str, object]] = [
    {"alg": "none"},
    {"key": derive_key("another-secret-another-secret-123", "access")},
    {"key": derive_key(SECRET, "fingerprint")},
    {"typ": "JWT"},
    {"aud": "api"},
    {"iss": "somebody"},
    {"exp": None},
    {"exp": 1},
    {"nbf": 9_999_999_999},
    {"sub": None},
    {"sub": "999"},
    {"sub": "not-a-number"},
    {"sid": 999},
    {"sid": None},
    {"epoch": 7},
    {"alg": "HS512"},
]


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")  # the forger's HS512
@pytest.mark.parametrize("changes", FORGERIES, ids=str)
def test_a_forged_access_token_is_a_visitors(app: Flask, hana: Person, changes: dict[str, object]) -> None:
    hana.open_room()
    good, bad = Person(app), Person(app)
    good.client.set_cookie("chatpop_access", forged("1"))
    bad.client.set_cookie("chatpop_access", forged("1", **changes))
    assert name_seen_by(good), "the forger's own tool works where nothing is wrong"
    assert name_seen_by(bad) is None


def test_two_different_values_under_one_name_are_nobodys(app: Flask, hana: Person) -> None:
    hana.open_room()
    value = hana.cookie("access")
    answer = app.test_client(use_cookies=False).get(
        "/", headers={"Cookie": f"chatpop_access={value}; chatpop_access=other"}
    )
    assert "chip-visitor" in answer.text


def test_last_seen_is_touched_at_most_once_a_minute(app: Flask, hana: Person) -> None:
    hana.open_room()

    def last_seen() -> object:
        with app.app_context():
            return db.session.scalar(select(User.last_seen_at))

    first = last_seen()
    hana.get("/")
    assert last_seen() == first
    with freeze_time(clock.now() + timedelta(seconds=61), tick=True):
        hana.get("/")
        assert last_seen() != first


def test_under_policy_none_there_is_no_device_and_no_fingerprint(make_app: Callable[..., Flask]) -> None:
    app = make_app(GUEST_RECOGNITION="none")
    hana = Person(app)
    hana.open_room()
    assert hana.cookie("device") is None
    assert row_counts(app)["devices"] == 0
    with app.app_context():
        user = db.session.scalar(select(User))
        assert user is not None
        assert (user.fingerprint_hash, user.fingerprint_data) == (None, None)


def test_only_hashes_of_secrets_are_stored(app: Flask, hana: Person) -> None:
    hana.open_room()
    with app.app_context():
        stored = [db.session.scalar(select(Device.secret_hash)), db.session.scalar(select(RefreshToken.token_hash))]
    assert hana.cookie("device") not in stored
    assert hana.cookie("refresh") not in stored


def test_too_many_guests_from_one_network_are_refused_with_a_sentence(make_app: Callable[..., Flask]) -> None:
    app = make_app(MAX_GUESTS_PER_NETWORK="2")
    code = Person(app).open_room()
    assert Person(app).join(code).status_code == 201
    refused = Person(app).join(code)
    assert refused.status_code == 429
    assert "Too many new guests" in refused.json["error"]
    assert Person(app, "198.51.100.7").join(code).status_code == 201
