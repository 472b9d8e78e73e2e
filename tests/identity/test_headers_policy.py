"""The policy ``headers``, the literal rule: who has the headers of exactly one live guest is that guest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from freezegun import freeze_time
from sqlalchemy import select, update

from chatpop.core import clock
from chatpop.extensions import db
from chatpop.identity.models import Session, User
from tests.identity.test_resume_codes import code_of, come_back
from tests.support.people import Person
from tests.support.rows import row_counts

HEADERS = {"GUEST_RECOGNITION": "headers", "GUEST_RECOGNITION_ACCEPT": "strangers-may-share-accounts"}
OTHER_BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/141.0"}


def seen(someone: Person) -> str | None:
    """Who the site says somebody is, at this moment."""
    return someone.name


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app(**HEADERS)


def change_user(app: Flask, **values: object) -> None:
    with app.app_context():
        db.session.execute(update(User).values(**values))
        db.session.commit()


def name_with(someone: Person, **headers: str | None) -> str | None:
    """What the chip says to these headers, without cookies; None for a visitor."""
    page = (
        someone.app.test_client()
        .get(
            "/",
            headers={
                key: value
                for key, value in {"User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0", **headers}.items()
                if value
            },
            environ_overrides={"REMOTE_ADDR": someone.address},
        )
        .text
    )
    return None if "chip-visitor" in page else page.split('class="chip-name">')[1].split("<")[0]


def test_equal_headers_without_cookies_are_the_guest(app: Flask, hana: Person, gus: Person) -> None:
    """The mutation of SECURITY row 1: this policy turns it red."""
    hana.open_room()
    name = hana.name
    assert gus.name == name
    assert gus.cookie("access")
    assert row_counts(app)["users"] == 1


def test_a_changed_header_is_a_new_visitor(app: Flask, hana: Person) -> None:
    hana.open_room()
    assert name_with(hana) == hana.name
    assert name_with(hana, **OTHER_BROWSER) is None
    assert name_with(hana, **{"Accept-Language": "de"}) is None
    assert name_with(hana, **{"Accept-Encoding": "br"}) is None
    assert name_with(hana, **{"User-Agent": None}) is None


def test_two_matches_log_nobody_in(app: Flask, hana: Person) -> None:
    hana.open_room()
    first = hana.name
    gus = Person(app)
    gus.post("/logout")
    gus.open_room("Two")
    assert gus.name not in (None, first)
    assert Person(app).name is None
    assert hana.name == first, "cookies go on as ever"


@pytest.mark.parametrize("state", [{"is_registered": True}, {"is_abandoned": True}, {"is_disabled": True}])
def test_members_abandoned_and_disabled_never_match(app: Flask, hana: Person, state: dict[str, object]) -> None:
    hana.open_room()
    change_user(app, **state)
    assert name_with(hana) is None


def test_a_dead_account_does_not_make_a_live_one_ambiguous(app: Flask, hana: Person) -> None:
    hana.open_room()
    change_user(app, is_abandoned=True)
    gus = Person(app)
    gus.open_room("Two")
    assert gus.name == Person(app).name is not None


def test_after_abandonment_the_same_headers_make_a_new_guest(app: Flask, hana: Person) -> None:
    hana.open_room()
    old = hana.name
    change_user(app, is_abandoned=True, abandoned_at=clock.now(), fingerprint_hash=None)
    gus = Person(app)
    assert seen(gus) is None
    gus.open_room("Two")
    assert seen(gus) not in (None, old)
    assert row_counts(app)["users"] == 2


def test_a_log_out_is_respected_until_the_browser_acts_again(app: Flask, hana: Person) -> None:
    hana.open_room()
    old = hana.name
    assert hana.post("/logout").status_code == 303
    for _ in range(2):
        assert hana.name is None
    code = hana.open_room("Two")
    assert hana.name not in (None, old), "a new guest"
    assert code
    hana.client.delete_cookie("chatpop_visitor_out")
    assert hana.name is not None


def test_rolling_after_a_log_out_keeps_it(app: Flask, hana: Person) -> None:
    hana.open_room()
    hana.post("/logout")
    hana.roll()
    assert hana.name is None


def test_forgetting_this_device_is_a_log_out_too(app: Flask, hana: Person) -> None:
    hana.open_room()
    assert hana.post("/account/devices/forgetting").status_code == 303
    assert hana.name is None


def test_the_visit_and_its_address_are_noted(app: Flask, hana: Person) -> None:
    hana.open_room()
    with freeze_time(clock.now() + timedelta(days=2), tick=True):
        assert Person(app, "198.51.100.7").name
        with app.app_context():
            user = db.session.scalars(select(User)).one()
            assert user.last_login_ip == "198.51.100.7"
            assert user.registration_ip == "127.0.0.1"
            assert clock.now() - user.last_seen_at < timedelta(minutes=1)


def test_the_address_counts_only_if_the_operator_says_so(make_app: Callable[..., Flask]) -> None:
    app = make_app(**HEADERS, FINGERPRINT_INCLUDE_IP="true")
    hana = Person(app)
    hana.open_room()
    assert Person(app).name == hana.name
    assert Person(app, "198.51.100.7").name is None


def test_equal_headers_are_no_proof(app: Flask, hana: Person, gus: Person) -> None:
    """SECURITY row 13: a stranger with equal headers can't take the account over, nor make a way into it."""
    hana.open_room()
    name = hana.name
    before = row_counts(app)
    assert gus.name == name
    form = {
        "username": name,
        "email": "a@example.org",
        "password": "long enough words",
        "confirm_password": "long enough words",
    }
    refused = gus.post("/register", data=form)
    assert refused.status_code == 403
    assert "recognised by its headers alone" in refused.text
    assert gus.post("/resume-codes").status_code == 403
    assert gus.post("/handovers").status_code == 403
    assert gus.post("/account/devices/1/revocation").status_code == 403
    for path in ("/passkeys/offers", "/passkeys", "/passkeys/upgrades", "/passkeys/1/deletion"):
        assert gus.post(path, json={"credential": {}}).status_code == 403
    after = row_counts(app)
    changed = {table for table in after if after[table] != before[table]}
    assert changed == {"sessions", "refresh_tokens"}, "the stranger's own session, and nothing else"


def test_it_stays_no_proof_after_the_tokens_were_renewed(app: Flask, hana: Person, gus: Person) -> None:
    hana.open_room()
    assert gus.name
    with freeze_time(clock.now() + timedelta(minutes=20), tick=True):
        assert gus.post("/resume-codes").status_code == 403
        assert hana.post("/resume-codes").status_code == 303


def test_the_owner_proves_it_with_the_resume_code(app: Flask, hana: Person, gus: Person) -> None:
    hana.open_room()
    code = code_of(hana)
    assert gus.post("/resume-codes").status_code == 403
    assert come_back(gus, code).status_code == 303
    assert gus.post("/resume-codes").status_code == 303
    with app.app_context():
        assert db.session.scalars(select(Session.assurance).where(Session.revoked_at.is_(None))).all() == [2, 2]


def test_a_browser_with_two_access_cookies_is_not_let_in_by_them(app: Flask, hana: Person) -> None:
    hana.open_room()
    change_user(app, fingerprint_hash="x" * 64)
    cookie = f"chatpop_access={hana.cookie('access')}; chatpop_access=other"
    assert "chip-visitor" in app.test_client(use_cookies=False).get("/", headers={"Cookie": cookie}).text
