"""Logging out: here, everywhere, and for good where a guest has no other way back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from freezegun import freeze_time
from sqlalchemy import select, update

from chatpop.core import clock
from chatpop.extensions import db
from chatpop.identity.models import Device, User
from tests.accounts.acts import log_in, register, user_called
from tests.conftest import both_databases
from tests.support.people import Person


def twin_of(app: Flask, someone: Person) -> Person:
    """A copy of the browser's cookies, as a thief or a backup has them."""
    twin = Person(app)
    for kind in ("access", "refresh", "device"):
        value = someone.cookie(kind)
        if value:
            twin.client.set_cookie(f"chatpop_{kind}", value)
    return twin


@both_databases
def test_a_member_logs_out_here_and_stays_logged_in_elsewhere(app: Flask, mia: Person) -> None:
    elsewhere, copy = Person(app), twin_of(app, mia)
    log_in(elsewhere)
    answer = mia.post("/logout")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert "You are logged out." in mia.get("/").text
    assert mia.name is None
    assert copy.name is None, "the cookies are worth nothing, wherever they are"
    assert elsewhere.name == "Mia-Rivers"


@both_databases
def test_a_guest_leaves_a_shared_computer(app: Flask, hana: Person) -> None:
    hana.open_room()
    copy = twin_of(app, hana)
    assert hana.post("/logout").status_code == 303
    assert hana.name is None
    assert [hana.cookie(kind) for kind in ("access", "refresh", "device", "visitor")] == [None] * 4
    with freeze_time(clock.now() + timedelta(days=8), tick=True):
        assert copy.name is None, "the device is forgotten as well"
    with app.app_context():
        assert db.session.scalars(select(Device.revoked_at)).one() is not None


def test_a_guest_is_told_first_that_there_is_no_way_back(hana: Person) -> None:
    hana.open_room()
    name = hana.name
    assert name
    assert 'href="/logout"' in hana.get("/").text
    page = hana.get("/logout").text
    assert name in page
    assert "can't be reached again" in page
    assert 'action="/logout"' in page
    assert hana.name == name, "the question changes nothing"


def test_a_guest_known_to_another_browser_is_not_lost(app: Flask, hana: Person) -> None:
    hana.open_room()
    with app.app_context():
        now = clock.now()
        user_id = db.session.scalars(select(User.id)).one()
        moments = {"created_at": now, "rotated_at": now, "last_seen_at": now}
        db.session.add(Device(user_id=user_id, secret_hash="0" * 64, label="Another browser", **moments))
        db.session.commit()
    assert "can't be reached again" not in hana.get("/logout").text


def test_the_guest_that_a_members_browser_was_is_named_too(app: Flask, hana: Person) -> None:
    register(Person(app))
    hana.open_room()
    guest = hana.name
    log_in(hana)
    assert guest
    assert guest in hana.get("/logout").text


def test_a_visitor_has_nothing_to_log_out_of(oto: Person) -> None:
    assert oto.get("/logout").headers["Location"] == "/login?next=%2Flogout"
    assert oto.post("/logout").status_code == 303
    assert oto.post("/logout/everywhere").status_code == 303
    assert oto.post("/logout/everywhere", htmx=True).status_code == 401


@both_databases
def test_a_member_logs_out_everywhere(app: Flask, mia: Person) -> None:
    browsers = [Person(app) for _ in range(3)]
    for browser in browsers:
        log_in(browser)
    assert mia.post("/logout/everywhere").status_code == 303
    assert [browser.name for browser in [mia, *browsers]] == [None] * 4
    assert user_called(app, "Mia-Rivers").epoch == 1
    assert log_in(mia).status_code == 303


def test_another_site_can_log_nobody_out(mia: Person) -> None:
    for path in ("/logout", "/logout/everywhere"):
        assert mia.post(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
        assert mia.post(path, data={"csrf_token": "wrong"}).status_code == 400
    assert mia.name == "Mia-Rivers"


def test_a_disabled_member_can_still_log_out(app: Flask, mia: Person) -> None:
    with app.app_context():
        db.session.execute(update(User).values(is_disabled=True))
        db.session.commit()
    assert mia.get("/account").status_code == 403
    assert mia.post("/logout").status_code == 303
    assert mia.cookie("access") is None


def headers_site(make_app: Callable[..., Flask]) -> Flask:
    return make_app(GUEST_RECOGNITION="headers", GUEST_RECOGNITION_ACCEPT="strangers-may-share-accounts")


def test_under_the_headers_policy_a_log_out_is_respected(make_app: Callable[..., Flask]) -> None:
    app = headers_site(make_app)
    hana = Person(app)
    hana.open_room()
    name = hana.name
    assert Person(app).name == name, "equal headers are enough"
    hana.post("/logout")
    assert hana.name is None
    hana.roll()
    assert hana.name is None, "and stay so after a roll"
    assert Person(app).name == name, "for this browser alone"


def test_a_forged_marker_is_no_log_out(make_app: Callable[..., Flask]) -> None:
    app = headers_site(make_app)
    hana = Person(app)
    hana.open_room()
    other = Person(app)
    for name in ("chatpop_visitor_out", "chatpop_visitor"):
        other.client.set_cookie(name, "out")
    assert other.name == hana.name


def test_the_marker_ends_when_somebody_comes_in_again(make_app: Callable[..., Flask]) -> None:
    app = headers_site(make_app)
    register(Person(app))
    hana = Person(app)
    hana.open_room()
    hana.post("/logout")
    assert hana.cookie("visitor_out")
    log_in(hana)
    assert hana.cookie("visitor_out") is None


def test_equal_headers_are_no_proof_for_an_upgrade(make_app: Callable[..., Flask]) -> None:
    app = headers_site(make_app)
    hana = Person(app)
    hana.open_room()
    name = hana.name
    assert name
    stranger = Person(app)
    assert stranger.name == name
    answer = register(stranger, name, "stranger@example.com")
    assert answer.status_code == 403
    assert not user_called(app, name).is_registered
    assert register(hana, name, "hana@example.com").status_code == 303
