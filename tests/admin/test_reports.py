"""The queue of reports: what is shown of a case, and what can be done about it."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select

from chatpop.extensions import db
from chatpop.rooms import reviewing
from chatpop.rooms.report_models import Report
from tests.admin.acts import account, audit_actions, id_of
from tests.support.people import Person
from tests.support.rows import row_counts


@pytest.fixture
def tea(hana: Person, gus: Person, oto: Person) -> str:
    """A room where gus's message (number 2) is reported by oto and by hana."""
    code = hana.open_room("Tea room")
    oto.join(code)
    gus.join(code)
    oto.say(code, "a quiet line before")
    gus.say(code, "buy my things")
    oto.say(code, "a line after")
    for someone in (oto, hana):
        someone.post(f"/rooms/{code}/reports", data={"seq": "2", "reason": "spam", "note": f"by {someone.name}"})
    return code


def case_path(admin: Person) -> str:
    found = re.search(r'href="(/admin/reports/\d+)"', admin.get("/admin/reports").text)
    assert found, "nothing is waiting"
    return found.group(1)


def outcomes(app: Flask) -> set[str | None]:
    with app.app_context():
        return set(db.session.scalars(select(Report.outcome)))


def test_reports_of_one_message_stand_together_with_what_was_said_around_it(
    app: Flask, ada: Person, gus: Person, oto: Person, tea: str
) -> None:
    queue = ada.get("/admin/reports").text
    assert ("1 thing is waiting" in queue, "2 reports" in queue, "buy my things" in queue) == (True, True, True)
    page = ada.get(case_path(ada)).text
    for said in ("a quiet line before", "buy my things", "a line after", f"by {oto.name}", str(gus.name), "Tea room"):
        assert said in page, said
    assert f"/admin/people/{id_of(app, gus)}" in page, "the account behind the name"
    assert 'badge-strong">1<' in ada.get("/admin").text, "every admin page shows how many wait"


def test_other_names_of_the_account_are_shown_to_admins_alone(
    ada: Person, hana: Person, gus: Person, oto: Person, tea: str
) -> None:
    other = hana.open_room("Other")
    rolled = gus.roll(other)
    gus.join(other, rolled)
    assert rolled in ada.get(case_path(ada)).text
    assert rolled not in hana.get(f"/rooms/{tea}").text


def test_a_dismissed_case_is_closed_for_all_who_reported_it(app: Flask, ada: Person, oto: Person, tea: str) -> None:
    path = case_path(ada)
    assert ada.post(f"{path}/dismissal").status_code == 303
    assert "Nothing is waiting" in ada.get("/admin/reports").text
    assert outcomes(app) == {"dismissed"}
    with app.app_context():
        assert set(db.session.scalars(select(Report.quote))) == {""}, "what was quoted is forgotten"
    assert audit_actions(app)[-1] == "report_closed"
    assert ada.post(f"{path}/dismissal").status_code == 404
    again = oto.post(f"/rooms/{tea}/reports", data={"seq": "2", "reason": "spam"})
    assert again.status_code == 303, "it can be reported again"


def test_a_message_is_deleted_from_the_queue(app: Flask, ada: Person, hana: Person, tea: str) -> None:
    assert ada.post(f"{case_path(ada)}/message-deletion").status_code == 303
    assert "buy my things" not in hana.get(f"/rooms/{tea}").text
    assert outcomes(app) == {"message_deleted"}
    assert "message_removed" in audit_actions(app)


def test_an_author_who_deletes_first_leaves_what_was_reported(ada: Person, gus: Person, tea: str) -> None:
    gus.post(f"/rooms/{tea}/messages/2/deletion")
    page = ada.get(case_path(ada)).text
    assert "buy my things" in page
    assert "deleted since" in page


def test_the_account_is_disabled_from_the_queue(app: Flask, ada: Person, gus: Person, tea: str) -> None:
    gus_id = id_of(app, gus)
    assert ada.post(f"{case_path(ada)}/disabling", data={"reason": "spam"}).status_code == 303
    assert account(app, gus_id).is_disabled
    assert gus.say(tea, "more").status_code == 403
    assert outcomes(app) == {"account_disabled"}


def test_the_account_is_banned_from_the_queue_and_others_who_share_are_told_of(
    app: Flask, ada: Person, gus: Person, tea: str
) -> None:
    path = case_path(ada)
    page = ada.get(path).text
    assert "2 other living accounts have the same headers" in page
    assert "last seen there" in page
    assert ada.post(f"{path}/ban", data={"length": "soon"}).status_code == 422
    assert ada.post(f"{path}/ban", data={"length": "", "kinds": "network"}).status_code == 422, "needs an end"
    assert ada.post(f"{path}/ban", data={"length": "7d"}).status_code == 303
    assert outcomes(app) == {"banned"}
    assert gus.say(tea, "more").status_code == 403
    assert "user_banned" in audit_actions(app)


def test_the_name_is_rerolled_from_the_queue(app: Flask, ada: Person, gus: Person, hana: Person, tea: str) -> None:
    old = gus.name
    assert ada.post(f"{case_path(ada)}/reroll", data={"relabel": "1"}).status_code == 303
    assert gus.name != old
    assert str(old) not in hana.get(f"/rooms/{tea}").text
    assert outcomes(app) == {"rerolled"}


@pytest.mark.parametrize("verb", ["dismissal", "message-deletion", "disabling", "ban", "reroll"])
def test_a_wrong_token_does_nothing(app: Flask, ada: Person, tea: str, verb: str) -> None:
    before = row_counts(app)
    assert ada.post(f"{case_path(ada)}/{verb}", data={"csrf_token": "wrong", "length": "7d"}).status_code == 400
    assert row_counts(app) == before
    assert outcomes(app) == {None}


def test_a_person_is_a_case_of_their_own(ada: Person, gus: Person, oto: Person, tea: str) -> None:
    found = re.search(r'data-author="(\w+)">(?:(?!</li>).)*buy my things', oto.get(f"/rooms/{tea}").text, re.S)
    assert found
    oto.post(f"/rooms/{tea}/reports", data={"tag": found.group(1), "reason": "name"})
    assert "2 things are waiting" in ada.get("/admin/reports").text
    path = re.findall(r'href="(/admin/reports/\d+)"', ada.get("/admin/reports").text)[-1]
    page = ada.get(path).text
    assert "Their latest messages" in page
    assert ada.post(f"{path}/message-deletion").status_code == 422, "there is no message to delete"


def test_the_queue_is_paged(ada: Person, oto: Person, tea: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reviewing, "PAGE_SIZE", 1)
    hana_said = oto.post(f"/rooms/{tea}/messages", json={"body": "x"})
    assert hana_said.status_code == 201
    found = re.search(r'data-author="(\w+)">(?:(?!</li>).)*buy my things', oto.get(f"/rooms/{tea}").text, re.S)
    assert found
    oto.post(f"/rooms/{tea}/reports", data={"tag": found.group(1), "reason": "name"})
    first = ada.get("/admin/reports").text
    following = re.search(r'href="([^"]+)">Next page', first)
    assert following
    second = ada.get(following.group(1)).text
    assert re.findall(r"/admin/reports/(\d+)", first) != re.findall(r"/admin/reports/(\d+)", second)
    assert "Next page" not in second
