"""Logging in: by name or e-mail in any case, one answer for every failure, and a guest left intact."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from freezegun import freeze_time
from sqlalchemy import select, update

from chatpop.accounts.passwords import Cost, hasher
from chatpop.core import clock
from chatpop.extensions import db
from chatpop.identity.models import Device, User
from tests.accounts.acts import PASSWORD, log_in, make_member, register, user_called
from tests.conftest import both_databases
from tests.support.people import Person

FAILURE = "The name or password is not right."


@both_databases
@pytest.mark.parametrize("identifier", ["Mia-Rivers", "MIA-RIVERS", "miarivers", "mia@example.com", "MIA@EXAMPLE.COM"])
def test_name_and_email_log_in_in_any_case(app: Flask, oto: Person, identifier: str) -> None:
    register(oto)
    mia = Person(app, "192.0.2.9")
    answer = log_in(mia, identifier)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert mia.name == "Mia-Rivers"
    assert user_called(app, "Mia-Rivers").last_login_ip == "192.0.2.9"
    assert mia.cookie("device") is None, "a member is not recognised by a device"


def shown(answer_text: str) -> str:
    """The page without what differs in every answer: tokens and what was typed."""
    lines = answer_text.splitlines()
    return "\n".join(line for line in lines if "csrf_token" not in line and 'name="username"' not in line)


@pytest.mark.parametrize("htmx", [False, True])
def test_every_failure_has_one_answer_and_costs_one_hash(app: Flask, mia: Person, hana: Person, htmx: bool) -> None:
    hana.open_room()
    guest = hana.name
    assert guest
    gone = make_member(Person(app), "Gone-Member", "gone@example.com")
    with app.app_context():
        db.session.execute(update(User).where(User.username == "Gone-Member").values(is_disabled=True))
        db.session.commit()
    assert gone.get("/").status_code in (200, 403)
    tries = [
        ("Mia-Rivers", "wrong-otter-kettle"),
        ("nobody-here", PASSWORD),
        ("nobody@example.com", PASSWORD),
        ("mia@example.com", "wrong-otter-kettle"),
        (guest, PASSWORD),
        ("Gone-Member", PASSWORD),
        ("gone@example.com", PASSWORD),
        ("@", PASSWORD),
        ("mıa", PASSWORD),
        ("mia\x00", PASSWORD),
        ("a" * 5000, PASSWORD),
        ("Mia-Rivers", PASSWORD + "x" * 5000),
    ]
    answers = set()
    for identifier, password in tries:
        before = hasher.runs
        answer = log_in(Person(app), identifier, password, htmx=htmx)
        answers.add((answer.status_code, shown(answer.text)))
        assert hasher.runs == before + 1, identifier
    assert len(answers) == 1
    status, text = answers.pop()
    assert status == 422
    assert FAILURE in text


def test_an_incomplete_form_is_told_so(oto: Person) -> None:
    answer = log_in(oto, "", "")
    assert answer.status_code == 422
    assert "Enter your name or e-mail address." in answer.text
    assert "Enter your password." in answer.text


@both_databases
def test_a_guest_who_logs_in_stays_intact(app: Flask, hana: Person) -> None:
    register(Person(app))
    hana.open_room()
    guest = hana.name
    assert guest
    assert guest in hana.get("/login").text
    device = hana.cookie("device")
    assert log_in(hana).status_code == 303
    assert hana.name == "Mia-Rivers"
    user = user_called(app, guest)
    assert (user.is_registered, user.is_abandoned, user.epoch) == (False, False, 0)
    with app.app_context():
        assert db.session.scalars(select(Device.revoked_at)).all() == [None]
    assert hana.cookie("device") == device, "a merge can still prove both"


def test_what_the_browser_had_before_is_replaced(app: Flask, hana: Person) -> None:
    register(Person(app))
    hana.open_room()
    before = {kind: hana.cookie(kind) for kind in ("access", "refresh")}
    log_in(hana)
    assert all(hana.cookie(kind) not in (None, value) for kind, value in before.items())


def test_next_leads_back_to_a_page_of_ours(app: Flask, oto: Person) -> None:
    register(oto)
    answer = oto.get("/account")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login?next=%2Faccount")
    assert 'name="next" value="/account"' in oto.get("/login?next=/account").text
    assert log_in(oto, data={"next": "/account"}).headers["Location"] == "/account"


@pytest.mark.parametrize(
    "target", ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil", "/nowhere"]
)
def test_next_leads_nowhere_else(app: Flask, oto: Person, target: str) -> None:
    register(oto)
    assert "evil" not in oto.get("/login", query_string={"next": target}).text
    assert log_in(oto, data={"next": target}).headers["Location"] == "/"


def test_a_member_who_is_logged_in_goes_on(mia: Person) -> None:
    assert mia.get("/login?next=/account").headers["Location"] == "/account"


def test_a_hash_of_older_parameters_is_renewed_at_the_next_log_in(app: Flask, mia: Person) -> None:
    old = user_called(app, "Mia-Rivers").password_hash
    hasher.cost = Cost(memory_kib=128, passes=2, lanes=1)
    assert log_in(Person(app), password="wrong-otter-kettle").status_code == 422
    assert user_called(app, "Mia-Rivers").password_hash == old
    assert log_in(Person(app)).status_code == 303
    new = user_called(app, "Mia-Rivers").password_hash
    assert new != old
    assert "m=128,t=2" in (new or "")
    assert log_in(Person(app)).status_code == 303


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": None, "Origin": "null"}, {"Sec-Fetch-Site": None}]
)
def test_another_site_can_log_nobody_in(app: Flask, oto: Person, headers: dict[str, str]) -> None:
    register(oto)
    assert log_in(oto, headers=headers).status_code == 403
    assert oto.name is None
    assert log_in(oto, data={"csrf_token": "wrong"}).status_code == 400


@both_databases
def test_logging_in_works_while_redis_is_away(make_app: Callable[..., Flask]) -> None:
    register(Person(make_app()))
    mia = Person(make_app(REDIS_URL="redis://127.0.0.1:1/0"))
    assert log_in(mia).status_code == 303
    assert mia.name == "Mia-Rivers"


def test_a_week_later_a_member_has_to_log_in_again(app: Flask, mia: Person) -> None:
    with freeze_time(clock.now() + timedelta(days=8), tick=True):
        assert mia.name is None
