"""How we know you: what is listed, revoked and forgotten."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from freezegun import freeze_time
from sqlalchemy import select, update

from chatpop.core import clock
from chatpop.extensions import db
from chatpop.identity.models import Device, User
from tests.identity.test_passkeys import offer, sign_in
from tests.identity.test_resume_codes import code_of, come_back
from tests.support.authenticator import Authenticator
from tests.support.people import Person

REVOKE = re.compile(r'action="(/account/devices/\d+/revocation)"')


def second_browser(app: Flask, someone: Person) -> Person:
    """Another browser of the same guest."""
    other = Person(app)
    assert come_back(other, code_of(someone)).status_code == 303
    return other


def copy_of(app: Flask, someone: Person) -> Person:
    """The jar as it is now, in a browser of its own."""
    twin = Person(app)
    for kind in ("access", "refresh", "device"):
        value = someone.cookie(kind)
        if value:
            twin.client.set_cookie(f"chatpop_{kind}", value)
    return twin


def test_the_page_lists_this_device_and_the_others(app: Flask, hana: Person) -> None:
    hana.open_room()
    second_browser(app, hana)
    page = hana.get("/account/devices").text
    assert page.count("Firefox on Linux</strong>") == 2
    assert page.count("this one") == 1
    assert len(REVOKE.findall(page)) == 1, "this one is forgotten by its own button"


@pytest.mark.parametrize(
    ("kept", "language", "shown"),
    [
        ("Firefox on Linux", "de", "Firefox auf Linux"),
        ("Firefox on Linux", "ar", "Firefox على Linux"),
        ("A browser on Mac OS", "de", "Ein Browser auf Mac OS"),
        ("A browser", "de", "Ein Browser"),
        ("Safari", "de", "Safari"),
        ("100% mine on <b>", "de", "100% mine on &lt;b&gt;"),
        ("A browser on iPhone", "en", "A browser on iPhone"),
    ],
)
def test_a_device_is_called_in_the_language_of_the_page(
    app: Flask, hana: Person, kept: str, language: str, shown: str
) -> None:
    hana.open_room()
    second_browser(app, hana)
    with app.app_context():
        db.session.execute(update(Device).values(label=kept))
        db.session.commit()
    page = hana.get("/account/devices", headers={"Accept-Language": language}).text
    assert page.count(f"<strong>{shown}</strong>") == 2
    assert re.search(rf'aria-label="[^"]*{shown}[^"]*"', page), "the button that forgets it, too"


def test_a_member_s_sessions_are_called_in_the_language_of_the_page(mia: Person) -> None:
    page = mia.get("/account/devices", headers={"Accept-Language": "de"}).text
    assert "<strong>Ein Browser</strong>" in page


def test_a_revoked_device_is_out_at_its_next_request(app: Flask, hana: Person) -> None:
    hana.open_room()
    phone = second_browser(app, hana)
    assert phone.name == hana.name
    [path] = REVOKE.findall(hana.get("/account/devices").text)
    assert hana.post(path).status_code == 303
    assert phone.name is None, "with every cookie it has"
    assert hana.name is not None


def test_forget_me_really_forgets(app: Flask, hana: Person) -> None:
    """SECURITY row 11: click, then reload with the old jar: anonymous."""
    hana.open_room()
    phone = second_browser(app, hana)
    jar = copy_of(app, hana)
    answer = hana.post("/account/devices/forgetting")
    assert answer.status_code == 303
    for kind in ("access", "refresh", "device", "visitor"):
        assert hana.cookie(kind) is None
    assert hana.name is None
    assert jar.name is None
    assert phone.name is not None, "the other device stays"


def test_a_browser_without_a_device_is_forgotten_with_its_session(make_app: Callable[..., Flask]) -> None:
    app = make_app(GUEST_RECOGNITION="none")
    hana = Person(app)
    hana.open_room()
    jar = copy_of(app, hana)
    assert "No device is remembered" in hana.get("/account/devices").text
    hana.post("/account/devices/forgetting")
    assert jar.name is None


def test_a_member_sees_and_ends_the_sessions_of_other_browsers(app: Flask, hana: Person, gus: Person) -> None:
    hana.open_room()
    key = Authenticator()
    hana.post("/passkeys/upgrades", json={"credential": key.make(offer(hana, upgrade=True))})
    assert sign_in(gus, key).status_code == 200
    page = gus.get("/account/devices").text
    assert "Where you are logged in" in page
    [path] = REVOKE.findall(page)
    assert gus.post(path).status_code == 303
    assert hana.name is None
    assert gus.name is not None
    assert gus.post("/account/devices/forgetting").status_code == 303
    assert gus.name is None


def test_a_stranger_can_neither_look_nor_revoke(app: Flask, hana: Person, oto: Person, gus: Person) -> None:
    hana.open_room()
    oto.open_room()
    with app.app_context():
        ids = db.session.scalars(select(Device.id).order_by(Device.id)).all()
    assert oto.post(f"/account/devices/{ids[0]}/revocation").status_code == 404
    assert gus.get("/account/devices").headers["Location"].startswith("/login")
    assert gus.post("/account/devices/forgetting").status_code == 303
    for path in (f"/account/devices/{ids[0]}/revocation", "/account/devices/forgetting"):
        assert hana.post(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert hana.name is not None


def test_the_page_says_what_is_kept_and_shows_none_of_it(app: Flask, hana: Person) -> None:
    hana.address = "198.51.100.7"
    hana.open_room()
    page = hana.get("/account/devices").text
    assert "kept until" in page
    assert "30 days after you are forgotten" in page
    with app.app_context():
        user = db.session.scalars(select(User)).one()
        assert user.fingerprint_hash
        assert user.fingerprint_hash not in page
    assert "198.51.100.7" not in page


def test_the_last_visit_of_another_device_is_told(app: Flask, hana: Person) -> None:
    hana.open_room()
    second_browser(app, hana)
    with freeze_time(clock.now() + timedelta(days=10), tick=True):
        page = hana.get("/account/devices").text
    assert page.count(f'last seen <time datetime="{clock.now():%Y-%m-%d}') == 1


@pytest.mark.parametrize("path", ["/returning", "/account/devices", "/resume", "/handover"])
def test_the_pages_are_whole_pages_with_a_title_and_one_heading(hana: Person, path: str) -> None:
    hana.open_room()
    page = hana.get(path, htmx=True).text
    assert "<title>" in page
    assert page.count("<h1") == 1
