"""Resume codes: a guest comes back in another browser, once, and nobody else does."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from freezegun import freeze_time
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from chatpop.core import clock
from chatpop.extensions import db
from chatpop.identity import spelled_codes
from chatpop.identity.models import ResumeCode, Session, User
from tests.conftest import both_databases
from tests.support.people import Answer, Person
from tests.support.rows import row_counts

GROUPS = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){5}")
TOKEN = re.compile(r'name="csrf_token" value="[^"]+"')


def code_of(someone: Person) -> str:
    """Make a resume code by the form of the page; returns it as it is shown."""
    answer = someone.post("/resume-codes")
    assert answer.status_code == 303
    page = someone.get(answer.headers["Location"])
    found = re.search(r'value="[^"]+/resume#([^"]+)"', page.text)
    assert found, page.text
    return found.group(1)


def come_back(someone: Person, code: str, **options: Any) -> Answer:
    return someone.post("/resume", data={"code": code}, **options)


def body(answer: Answer) -> str:
    return TOKEN.sub("", answer.text)


@both_databases
def test_a_guest_comes_back_in_another_browser_and_the_old_one_stays(app: Flask, hana: Person, gus: Person) -> None:
    hana.open_room()
    name, code = hana.name, code_of(hana)
    assert GROUPS.fullmatch(code)
    answer = come_back(gus, code)
    assert answer.status_code == 303
    assert gus.name == name == hana.name
    assert gus.cookie("device") not in (None, hana.cookie("device")), "a device of its own"
    assert row_counts(app)["users"] == 1


@pytest.mark.parametrize("spell", [str.lower, lambda code: code.replace("-", " "), lambda code: f" {code} "])
def test_blanks_hyphens_and_case_do_not_matter(hana: Person, gus: Person, spell: Callable[[str], str]) -> None:
    hana.open_room()
    assert come_back(gus, spell(code_of(hana))).status_code == 303
    assert gus.name == hana.name


def test_looking_at_the_link_spends_nothing(hana: Person, gus: Person, oto: Person) -> None:
    """SECURITY row 15: GET twice, then POST works once, the second POST fails."""
    hana.open_room()
    code = code_of(hana)
    for _ in range(2):
        assert gus.get("/resume").status_code == 200
        assert gus.name is None
    assert come_back(gus, code).status_code == 303
    assert come_back(oto, code).status_code == 422
    assert oto.name is None


def test_wrong_used_replaced_and_forgotten_codes_have_one_answer(app: Flask, hana: Person) -> None:
    """SECURITY row 14: nothing tells one dead code from another."""
    hana.open_room()
    replaced, used = code_of(hana), code_of(hana)
    assert come_back(Person(app), used).status_code == 303
    left = Person(app)
    left.open_room()
    forgotten = code_of(left)
    with app.app_context():
        db.session.execute(update(User).where(User.username == left.name).values(is_abandoned=True))
        db.session.commit()
    wrong = spelled_codes.grouped(spelled_codes.make(24))
    answers = [
        come_back(Person(app, f"198.51.100.{n}"), code)
        for n, code in enumerate([wrong, used, replaced, forgotten, "", "x"])
    ]
    assert {answer.status_code for answer in answers} == {422}
    assert len({body(answer) for answer in answers}) == 1
    of_each = ("Content-Length", "X-Request-ID")
    sizes = [{name: value for name, value in answer.headers if name not in of_each} for answer in answers]
    assert all(size == sizes[0] for size in sizes)
    asked = [come_back(Person(app, "198.51.100.99"), code, htmx=True) for code in (wrong, used)]
    assert body(asked[0]) == body(asked[1])


def test_the_sixth_wrong_code_of_a_network_is_429_and_others_are_not_kept_out(app: Flask, hana: Person) -> None:
    """SECURITY row 14: five failures in a quarter of an hour; who comes back by a right code is not counted."""
    hana.open_room()
    assert come_back(Person(app), code_of(hana)).status_code == 303
    assert [come_back(Person(app), "nonsense").status_code for _ in range(5)] == [422] * 5
    sixth = come_back(Person(app), code_of(hana))
    assert sixth.status_code == 429
    assert int(sixth.headers["Retry-After"]) > 0
    assert "Too many codes" in sixth.text
    assert come_back(Person(app, "198.51.100.7"), "nonsense").status_code == 422


@both_databases
def test_twelve_browsers_with_one_code_are_one_who_comes_back(app: Flask, hana: Person) -> None:
    hana.open_room()
    code = code_of(hana)
    crowd = [Person(app, f"198.51.100.{number}") for number in range(12)]
    with ThreadPoolExecutor(12) as pool:
        statuses = list(pool.map(lambda someone: come_back(someone, code).status_code, crowd))
    assert sorted(statuses) == [303, *[422] * 11]
    assert sum(someone.name is not None for someone in crowd) == 1


def test_only_a_hash_is_stored_and_the_code_is_shown_once(app: Flask, hana: Person) -> None:
    hana.open_room()
    code = code_of(hana)
    with app.app_context():
        stored = db.session.scalar(select(ResumeCode.code_hash))
    assert stored
    assert len(stored) == 64
    page = hana.get("/returning").text
    assert code not in page
    assert "You have a code" in page


def test_htmx_gets_the_code_as_a_fragment_and_the_card_is_for_those_without_one(hana: Person, gus: Person) -> None:
    hana.open_room()
    assert "Show my resume code" in hana.get("/returning/card", htmx=True).text
    answer = hana.post("/resume-codes", htmx=True)
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert re.search(r"/resume#[0-9A-Z-]{29}", answer.text)
    assert hana.get("/returning/card", htmx=True).status_code == 204
    assert gus.get("/returning/card", htmx=True).status_code == 204


def test_a_visitor_can_make_none_and_a_cross_site_page_neither(app: Flask, hana: Person, gus: Person) -> None:
    hana.open_room()
    assert gus.post("/resume-codes").headers["Location"].startswith("/login")
    assert gus.post("/resume-codes", htmx=True).status_code == 401
    assert hana.post("/resume-codes", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert hana.get("/resume-codes").status_code == 405
    assert row_counts(app)["resume_codes"] == 0


def test_a_members_code_brings_nobody_back(app: Flask, hana: Person, gus: Person) -> None:
    hana.open_room()
    code = code_of(hana)
    with app.app_context():
        db.session.execute(update(User).values(is_registered=True))
        db.session.commit()
    assert come_back(gus, code).status_code == 422
    assert hana.post("/resume-codes").status_code == 403


def test_coming_back_notes_the_address_and_the_visit(app: Flask, hana: Person) -> None:
    hana.open_room()
    code = code_of(hana)
    with freeze_time(clock.now() + timedelta(days=3), tick=True):
        come_back(Person(app, "198.51.100.7"), code)
        with app.app_context():
            user = db.session.scalars(select(User)).one()
            assert user.last_login_ip == "198.51.100.7"
            assert clock.now() - user.last_seen_at < timedelta(minutes=1)


def test_what_the_browser_was_before_is_worth_nothing_afterwards(app: Flask, hana: Person, gus: Person) -> None:
    """SECURITY row 25: values planted in a browser, or its owner's before, do not outlive a coming back."""
    hana.open_room()
    gus.open_room()
    planted = {kind: gus.cookie(kind) for kind in ("access", "refresh", "device")}
    assert come_back(gus, code_of(hana)).status_code == 303
    for kind, value in planted.items():
        assert value
        twin = Person(app)
        twin.client.set_cookie(f"chatpop_{kind}", value)
        assert twin.name is None, kind
    assert gus.name == hana.name


def test_coming_back_is_a_proof(app: Flask, hana: Person, gus: Person) -> None:
    hana.open_room()
    come_back(gus, code_of(hana))
    with app.app_context():
        assert db.session.scalars(select(Session.assurance)).all() == [2, 2]


def test_no_code_and_no_secret_is_written_into_the_log(
    hana: Person, gus: Person, capfd: pytest.CaptureFixture[str]
) -> None:
    """SECURITY row 71, for resume codes."""
    hana.open_room()
    code = code_of(hana)
    come_back(gus, code)
    come_back(gus, code)
    seen = "".join(capfd.readouterr())
    assert code not in seen
    assert code.replace("-", "") not in seen


@given(st.text(alphabet=spelled_codes.ALPHABET, min_size=24, max_size=24))
def test_a_code_is_read_as_it_was_made_however_it_is_spelled(code: str) -> None:
    worn = spelled_codes.grouped(code).lower().replace("0", "o").replace("1", "l")
    assert spelled_codes.read(worn) == code


@given(st.text())
def test_reading_never_fails_and_gives_ascii(typed: str) -> None:
    assert spelled_codes.read(typed).isascii()


def test_a_code_has_120_bits() -> None:
    assert len(set(spelled_codes.ALPHABET)) == 32
    assert not set("ILOU") & set(spelled_codes.ALPHABET)
    assert len({spelled_codes.make(24) for _ in range(1000)}) == 1000
