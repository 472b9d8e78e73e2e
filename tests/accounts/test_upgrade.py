"""Upgrading in place: everything kept, everything issued before worth nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select

from chatpop.accounts.refusals import AlreadyMember
from chatpop.accounts.registration import Applicant, Draft
from chatpop.accounts.upgrade import upgrade
from chatpop.extensions import db
from chatpop.identity.models import Device, User
from chatpop.identity.viewer import Viewer
from chatpop.names.key import canonical_key
from chatpop.names.models import Name
from chatpop.rooms.models import Message, Room
from tests.accounts.acts import PASSWORD, log_in, register, user_called
from tests.conftest import both_databases
from tests.support.people import Person


@pytest.fixture
def guest(hana: Person) -> tuple[Person, str, str]:
    """hana as a guest who has hosted and talked; with her name and her room's code."""
    code = hana.open_room("Tea")
    hana.say(code, "hello")
    name = hana.name
    assert name
    return hana, name, code


def twin_of(app: Flask, someone: Person, *kinds: str) -> Person:
    twin = Person(app)
    for kind in kinds:
        value = someone.cookie(kind)
        assert value
        twin.client.set_cookie(f"chatpop_{kind}", value)
    return twin


def test_the_form_is_filled_in_for_a_guest(guest: tuple[Person, str, str]) -> None:
    hana, name, _ = guest
    page = hana.get("/register").text
    assert "<h1>Upgrade Account</h1>" in page
    assert f'value="{name}"' in page
    assert "The registration form has been pre-filled with your username, change it if you wish." in page


@both_databases
def test_an_upgrade_keeps_the_account_and_all_it_has(app: Flask, guest: tuple[Person, str, str]) -> None:
    hana, name, code = guest
    before = user_called(app, name)
    answer = register(hana, name, "hana@example.com")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    home = hana.get("/").text
    assert "Your account is upgraded." in home
    assert hana.name == name
    after = user_called(app, name)
    assert after.id == before.id
    assert (after.is_registered, after.email) == (True, "hana@example.com")
    assert after.registered_at is not None
    assert after.registration_ip == "127.0.0.1"
    assert (after.fingerprint_hash, after.fingerprint_data) == (None, None)
    assert after.epoch == before.epoch + 1
    with app.app_context():
        assert db.session.scalar(select(func.count(Device.id))) == 0
        assert db.session.scalars(select(Room.host_id)).all() == [after.id]
        assert db.session.scalars(select(Message.author_id)).all() == [after.id]
    assert hana.say(code, "still here").status_code in (200, 201)
    assert hana.cookie("device") is None


@both_databases
def test_nothing_issued_to_the_guest_opens_the_account(app: Flask, guest: tuple[Person, str, str]) -> None:
    hana, name, _ = guest
    old = {kind: twin_of(app, hana, kind) for kind in ("access", "refresh", "device")}
    assert register(hana, name, "hana@example.com").status_code == 303
    assert {kind: browser.name for kind, browser in old.items()} == {"access": None, "refresh": None, "device": None}


@both_databases
def test_a_changed_name_leaves_the_old_one_its_owners(app: Flask, guest: tuple[Person, str, str], oto: Person) -> None:
    hana, name, code = guest
    assert register(hana, "Hana-Banana", "hana@example.com").status_code == 303
    assert hana.name == "Hana-Banana"
    user = user_called(app, "Hana-Banana")
    with app.app_context():
        rows = {row.display: row.user_id for row in db.session.scalars(select(Name))}
        assert rows == {name: user.id, "Hana-Banana": user.id}
    assert "Username is already taken" in register(oto, name, "oto@example.com").text
    assert name in hana.get(f"/rooms/{code}/messages").text, "messages keep the name they were written under"
    assert log_in(Person(app), "hana-banana").status_code == 303


@both_databases
def test_a_name_from_a_room_can_become_the_account_name(app: Flask, guest: tuple[Person, str, str]) -> None:
    hana, _, _ = guest
    other = Person(app)
    code = other.open_room("Cake")
    rolled = hana.roll(code)
    assert hana.join(code, rolled).status_code == 201
    assert register(hana, rolled.lower(), "hana@example.com").status_code == 303
    assert log_in(Person(app), rolled).status_code == 303
    with app.app_context():
        row = db.session.scalars(select(Name).where(Name.key == canonical_key(rolled))).one()
        assert (row.kind, row.display) == ("account", rolled.lower())


def test_an_email_as_username_keeps_the_guests_name(guest: tuple[Person, str, str]) -> None:
    hana, name, _ = guest
    assert register(hana, "hana@example.com", "hana@example.com").status_code == 303
    assert hana.name == name


def test_a_refused_upgrade_changes_nothing(app: Flask, guest: tuple[Person, str, str]) -> None:
    hana, name, _ = guest
    register(Person(app), "Mia-Rivers", "mia@example.com")
    for htmx in (False, True):
        answer = register(hana, name, "MIA@example.com", htmx=htmx)
        assert answer.status_code == 422
        assert "Email address already exists" in answer.text
    assert "Username is already taken" in register(hana, "miarivers", "hana@example.com").text
    user = user_called(app, name)
    assert (user.is_registered, user.email, user.password_hash, user.epoch) == (False, None, None, 0)
    assert hana.name == name


@both_databases
def test_of_two_parallel_upgrades_the_second_sees_a_member(app: Flask, guest: tuple[Person, str, str]) -> None:
    """Both requests have been recognised as the guest; only then the race begins."""
    _, name, _ = guest
    with app.app_context():
        user_id = db.session.scalars(select(User.id)).one()
    start = Barrier(2)

    def race(number: int) -> str:
        with app.app_context():
            seen = User(id=user_id, username=name, is_registered=False, is_abandoned=False, is_disabled=False)
            applicant = Applicant(Viewer(seen, None), None, [], [])
            start.wait()
            try:
                upgrade(seen, Draft(name, f"hana{number}@example.com", PASSWORD), applicant)
            except AlreadyMember:
                return "sees a member"
            return "upgraded"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(race, range(2))) == ["sees a member", "upgraded"]
    with app.app_context():
        assert [user.is_registered for user in db.session.scalars(select(User))] == [True]


def test_a_request_that_finds_a_member_is_refused(mia: Person) -> None:
    assert register(mia, "Another-Name", "other@example.com").status_code == 403


def test_another_site_can_upgrade_nobody(app: Flask, guest: tuple[Person, str, str]) -> None:
    hana, name, _ = guest
    answer = register(hana, name, "hana@example.com", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert not user_called(app, name).is_registered
