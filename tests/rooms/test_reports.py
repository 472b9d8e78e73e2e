"""Reporting a message or a person to the people who run the site."""

from __future__ import annotations

import threading

import pytest
from flask import Flask
from sqlalchemy import select

from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.rooms import reporting
from chatpop.rooms.models import Room
from chatpop.rooms.report_models import Report
from tests.conftest import both_databases
from tests.rooms.test_ignores import tag_of
from tests.support.people import Person
from tests.support.rows import row_counts


@pytest.fixture
def tea(hana: Person, gus: Person, oto: Person) -> str:
    """A room hosted by hana, where gus (number 1) and oto (number 2) have spoken."""
    code = hana.open_room()
    gus.join(code)
    gus.say(code, "something bad")
    oto.join(code)
    oto.say(code, "something good")
    return code


def report(someone: Person, code: str, *, htmx: bool = False, **fields: str) -> int:
    data = {"seq": "1", "reason": "spam", "note": ""} | fields
    return someone.post(f"/rooms/{code}/reports", data=data, htmx=htmx).status_code


def stored(app: Flask) -> list[Report]:
    with app.app_context():
        return list(db.session.scalars(select(Report).order_by(Report.id)))


def test_a_message_is_reported_and_kept_as_it_was(app: Flask, gus: Person, oto: Person, tea: str) -> None:
    form = oto.get(f"/rooms/{tea}/reports/new?seq=1").text
    assert "something bad" in form
    assert report(oto, tea, note="look at this") == 303
    assert "Thank you." in oto.get(f"/rooms/{tea}").text
    gus.post(f"/rooms/{tea}/messages/1/deletion")
    (row,) = stored(app)
    assert (row.quote, row.reason, row.note, row.name) == ("something bad", "spam", "look at this", gus.name)


def test_nobody_is_offered_to_report_themselves(gus: Person, oto: Person, tea: str) -> None:
    seq = gus.say(tea, "mine").json["seq"]
    oto.join(tea)
    assert "Report this message" in oto.get(f"/rooms/{tea}/messages/{seq}").text
    assert "Report this message" not in gus.get(f"/rooms/{tea}/messages/{seq}").text


def test_a_person_is_reported_by_tag(app: Flask, gus: Person, oto: Person, tea: str) -> None:
    tag = tag_of(oto, tea, "something bad")
    assert str(gus.name) in oto.get(f"/rooms/{tea}/reports/new?tag={tag}").text
    assert report(oto, tea, seq="", tag=tag, reason="name") == 303
    (row,) = stored(app)
    assert (row.message_id, row.tag, row.name) == (None, tag, gus.name)


def test_the_reported_person_and_the_host_learn_nothing(gus: Person, hana: Person, oto: Person, tea: str) -> None:
    before = [(someone, someone.get(f"/rooms/{tea}/people").text) for someone in (gus, hana)]
    report(oto, tea)
    for someone, people in before:
        page = someone.get(f"/rooms/{tea}").text
        assert "look at it" not in page
        assert someone.get(f"/rooms/{tea}/people").text == people


def test_one_open_report_a_person_and_thing(app: Flask, hana: Person, oto: Person, tea: str) -> None:
    assert report(oto, tea) == 303
    assert report(oto, tea, htmx=True) == 409
    assert report(hana, tea) == 303, "somebody else's is another one"
    assert row_counts(app)["reports"] == 2


def test_what_is_refused_is_told_beside_the_form(app: Flask, oto: Person, tea: str) -> None:
    answer = oto.post(f"/rooms/{tea}/reports", data={"seq": "1", "reason": "boring", "note": "my own words"})
    assert answer.status_code == 422
    assert "Choose a reason." in answer.text
    assert "my own words" in answer.text, "what was typed is kept"
    assert report(oto, tea, note="x" * 501, htmx=True) == 422
    assert report(oto, tea, seq="2", htmx=True) == 422, "oneself"
    assert report(oto, tea, seq="99") == 404
    assert report(oto, tea, seq="many") == 400
    assert report(oto, tea, seq="", tag="0123456789abcdef") == 404
    assert row_counts(app)["reports"] == 0


def test_a_deleted_message_can_not_be_reported(gus: Person, oto: Person, tea: str) -> None:
    gus.post(f"/rooms/{tea}/messages/1/deletion")
    assert report(oto, tea) == 404


def test_visitors_and_outsiders_are_sent_to_join(app: Flask, tea: str) -> None:
    eve = Person(app)
    for who in ("visitor", "outsider"):
        answer = eve.post(f"/rooms/{tea}/reports", data={"seq": "1", "reason": "spam"})
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/rooms/{tea}/join"), who
        assert eve.get(f"/rooms/{tea}/reports/new?seq=1").status_code == 303
        assert report(eve, tea, htmx=True) in (401, 403)
        eve.open_room("Elsewhere")
    assert row_counts(app)["reports"] == 0


def test_a_wrong_token_is_refused(app: Flask, oto: Person, tea: str) -> None:
    assert report(oto, tea, csrf_token="wrong") == 400
    assert row_counts(app)["reports"] == 0


def test_reports_have_a_limit_by_person(
    app: Flask, hana: Person, gus: Person, oto: Person, tea: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporting, "REPORTS_PER_HOUR", 1)
    gus.say(tea, "more of it")
    assert report(oto, tea) == 303
    refused = oto.post(f"/rooms/{tea}/reports", data={"seq": "3", "reason": "spam"})
    assert (refused.status_code, "Retry-After" in refused.headers) == (429, True)
    assert report(hana, tea, seq="3") == 303, "another person's hour"
    assert row_counts(app)["reports"] == 2


@both_databases
def test_the_same_report_sent_at_once_is_stored_once(app: Flask, gus: Person, oto: Person, tea: str) -> None:
    answers: list[str] = []

    def send() -> None:
        with app.app_context():
            room = db.session.scalars(select(Room)).one()
            target = reporting.message_target(room, 1)
            reporter = db.session.scalars(select(User).where(User.username == name)).one()
            try:
                reporting.report(room, reporter, target, reporting.Complaint("spam", ""))
                answers.append("stored")
            except reporting.AlreadyReported:
                answers.append("already")

    name = oto.name
    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["already"] * 3 + ["stored"]
    assert row_counts(app)["reports"] == 1
