"""The account page: who one is, and what registering adds."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from tests.support.people import Person


def test_a_visitor_is_sent_to_log_in(oto: Person) -> None:
    answer = oto.get("/account")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login?next=%2Faccount")
    assert oto.get("/account", htmx=True).status_code == 401
    answer = oto.get("/account", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.json["error"] == "Authentication required"


def test_a_guest_sees_what_registering_adds(make_app: Callable[..., Flask]) -> None:
    hana = Person(make_app(MAX_ROOMS_MEMBER="77", MAX_MESSAGES_PER_MINUTE_GUEST="13"))
    hana.open_room()
    page = hana.get("/account").text
    assert (hana.name or "?") in page
    assert "What registering adds" in page
    assert "77" in page
    assert "13" in page
    assert "Keep this name" in page
    assert 'action="/account/name"' not in page


def test_a_member_sees_name_email_and_what_can_be_done(mia: Person) -> None:
    page = mia.get("/account").text
    for shown in ("Mia-Rivers", "mia@example.com", "Member since", "Log out everywhere", 'action="/account/name"'):
        assert shown in page
    assert "argon2" not in page
    assert "127.0.0.1" not in page


def test_the_menu_leads_to_everything(mia: Person, hana: Person, oto: Person) -> None:
    assert 'href="/login"' in oto.get("/").text
    assert 'href="/register"' in oto.get("/").text
    hana.open_room()
    assert "Keep this name" in hana.get("/").text
    assert 'action="/logout"' in mia.get("/").text
    assert 'href="/account"' in mia.get("/").text
