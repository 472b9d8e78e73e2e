"""Editing one's own message, for a while after it was sent."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from chatpop.core import clock
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.rooms.history import present_state, read_log
from chatpop.rooms.models import Message, Room
from chatpop.rooms.report_models import Report
from tests.accounts.acts import make_member
from tests.api.program import Program
from tests.conftest import both_databases
from tests.lifecycle.everything import tables_with
from tests.rooms.test_ignores import tag_of
from tests.support.people import Answer, Person


@pytest.fixture
def tea(hana: Person, gus: Person) -> str:
    """A room of hana's in which gus has written number 1."""
    code = hana.open_room()
    gus.join(code)
    gus.say(code, "helo all")
    return code


def edit(someone: Person, code: str, body: str, seq: object = 1) -> Answer:
    return someone.post(f"/rooms/{code}/messages/{seq}/edit", json={"body": body})


def age(app: Flask, minutes: float) -> None:
    """All messages are so old by now."""
    with app.app_context(), transaction() as session:
        session.execute(update(Message).values(created_at=clock.now() - timedelta(minutes=minutes)))


def log_of(app: Flask, code: str) -> list[tuple[int, str, str]]:
    with app.app_context():
        room = db.session.scalars(select(Room).where(Room.code == code)).one()
        return [(entry.seq, entry.kind, entry.message.body) for entry in read_log(room.id, 0)]


@both_databases
def test_an_edit_is_seen_by_all_marked_and_takes_the_next_number(
    app: Flask, hana: Person, gus: Person, oto: Person, tea: str
) -> None:
    hana.say(tea, "after")
    answer = gus.post(f"/rooms/{tea}/messages/1/edit", data={"body": " hello all "}, htmx=True)
    assert answer.status_code == 200
    assert 'data-seq="1"' in answer.text
    page = oto.get(f"/rooms/{tea}").text
    assert answer.text.strip() in page
    assert "helo" not in page
    assert page.count('class="message-edited"') == 1
    assert log_of(app, tea) == [(1, "message", "hello all"), (2, "message", "after"), (3, "edit", "hello all")]
    assert edit(gus, tea, "hello, all").status_code == 200, "again, and again"
    assert tables_with(app, "helo") == set(), "what it said before is kept nowhere"


def test_the_same_text_again_is_no_edit(app: Flask, gus: Person, oto: Person, tea: str) -> None:
    assert edit(gus, tea, "  helo all\r\n").status_code == 200
    assert len(log_of(app, tea)) == 1
    assert "message-edited" not in oto.get(f"/rooms/{tea}").text


def test_it_works_without_scripts_from_the_messages_own_page(gus: Person, hana: Person, tea: str) -> None:
    assert f'href="/rooms/{tea}/messages/1/edit"' in gus.get(f"/rooms/{tea}/messages/1").text
    assert "/edit" not in hana.get(f"/rooms/{tea}/messages/1").text
    form = gus.get(f"/rooms/{tea}/messages/1/edit").text
    assert ">helo all</textarea>" in form
    token = re.findall(r'name="csrf_token" value="([^"]+)"', form)[0]
    done = gus.post(f"/rooms/{tea}/messages/1/edit", data={"body": "hello", "csrf_token": token})
    assert (done.status_code, done.headers["Location"]) == (303, f"/rooms/{tea}#message-1")
    refused = gus.post(f"/rooms/{tea}/messages/1/edit", data={"body": "y" * 6000})
    assert (refused.status_code, "y" * 6000 in refused.text) == (422, True)
    assert "<html" not in gus.get(f"/rooms/{tea}/messages/1/edit", htmx=True).text


def test_what_is_refused(app: Flask, hana: Person, gus: Person, oto: Person, tea: str) -> None:
    assert edit(hana, tea, "not mine").json["code"] == "not_yours", "not even the host"
    assert hana.get(f"/rooms/{tea}/messages/1/edit").status_code == 403
    assert edit(oto, tea, "x").status_code == 401
    oto.open_room("Elsewhere")
    assert edit(oto, tea, "x").status_code == 403
    assert oto.post(f"/rooms/{tea}/messages/1/edit", data={"body": "x"}).headers["Location"] == f"/rooms/{tea}/join"
    for body, code in (("  ", "empty_message"), ("x" * 5001, "message_too_long")):
        assert (edit(gus, tea, body).status_code, edit(gus, tea, body).json["code"]) == (422, code)
    assert edit(gus, tea, "x", 9).status_code == 404
    assert edit(gus, tea, "x", "y").status_code == 400
    assert gus.post(f"/rooms/{tea}/messages/1/edit", json={"body": 7}).status_code == 400
    path, sent = f"/rooms/{tea}/messages/1/edit", {"body": "x", "csrf_token": "wrong"}
    assert gus.post(path, data=sent).status_code == 400, "a wrong token"
    assert gus.post(path, data={"body": "x"}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    gus.post(f"/rooms/{tea}/messages/1/deletion")
    assert edit(gus, tea, "back").json["code"] == "message_is_deleted"
    assert log_of(app, tea) == [(1, "message", ""), (2, "delete", "")]


def test_a_private_rooms_messages_are_not_there_for_outsiders(hana: Person, gus: Person) -> None:
    code = hana.open_room("Secret", "private")
    hana.say(code, "x")
    gus.open_room("Elsewhere")
    assert edit(gus, code, "y").status_code == 404
    assert gus.get(f"/rooms/{code}/messages/1/edit").status_code == 404


@both_databases
def test_the_time_for_it_is_a_setting(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app(MESSAGE_EDIT_MINUTES="5")
    gus = Person(app)
    code = gus.open_room()
    gus.say(code, "helo")
    age(app, 4.9)
    assert edit(gus, code, "hello").status_code == 200
    age(app, 5.1)
    refused = edit(gus, code, "too late")
    assert (refused.status_code, refused.json["code"], "5 minutes" in refused.json["error"]) == (
        403,
        "editing_over",
        True,
    )
    assert "/edit" not in gus.get(f"/rooms/{code}/messages/1").text
    app = make_app(MESSAGE_EDIT_MINUTES="0")
    gus = Person(app)
    code = gus.open_room()
    gus.say(code, "for good")
    assert "can't be edited" in edit(gus, code, "never").json["error"]


def test_muted_banned_and_shut_out_people_edit_nothing(app: Flask, hana: Person, gus: Person, tea: str) -> None:
    tag = tag_of(hana, tea, "helo all")
    hana.post(f"/rooms/{tea}/closure")
    assert edit(gus, tea, "x").json["code"] == "closed_to_guests"
    hana.post(f"/rooms/{tea}/closure/end")
    hana.post(f"/rooms/{tea}/people/{tag}/mute", data={"length": "1h"})
    assert edit(gus, tea, "x").json["code"] == "muted"
    assert "/edit" not in gus.get(f"/rooms/{tea}/messages/1").text
    hana.post(f"/rooms/{tea}/bans", data={"tag": tag, "length": "1h"})
    assert edit(gus, tea, "x").status_code == 403
    assert [body for _, _, body in log_of(app, tea)] == ["helo all"]


def test_slow_mode_is_not_asked_and_the_minute_is(make_app: Callable[..., Flask]) -> None:
    app = make_app(MAX_MESSAGES_PER_MINUTE_GUEST="3")
    hana, gus = Person(app), Person(app)
    code = hana.open_room()
    gus.join(code)
    hana.post(f"/rooms/{code}/slow-mode", data={"seconds": "60"})
    gus.say(code, "one")
    answers = [edit(gus, code, text) for text in ("two", "three", "four")]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].json["code"] == "too_fast"
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_a_report_keeps_what_was_reported(app: Flask, hana: Person, gus: Person, tea: str) -> None:
    hana.post(f"/rooms/{tea}/reports", data={"seq": "1", "reason": "spam", "note": ""})
    edit(gus, tea, "something harmless")
    with app.app_context():
        assert db.session.scalars(select(Report.quote)).all() == ["helo all"]


def test_quotes_and_the_pinned_line_show_the_new_text(app: Flask, hana: Person, gus: Person, tea: str) -> None:
    hana.post(f"/rooms/{tea}/messages", json={"body": "hi", "reply_to": 1})
    hana.post(f"/rooms/{tea}/messages/1/pin")
    with app.app_context():
        before = present_state(db.session.scalars(select(Room).where(Room.code == tea)).one())
    edit(gus, tea, "good evening")
    page = hana.get(f"/rooms/{tea}").text
    assert page.count("good evening") == 3
    with app.app_context():
        after = present_state(db.session.scalars(select(Room).where(Room.code == tea)).one())
    assert before != after, "open pages are told"


def test_programs_edit_and_exports_tell_when(app: Flask, hana: Person, person: Callable[[], Person], tea: str) -> None:
    make_member(person())
    bot = Program(app).log_in()
    bot.post(f"rooms/{tea}/participation", {"username": "Mia-Rivers"})
    seq = bot.post(f"rooms/{tea}/messages", {"body": "bep"}).json["seq"]
    edited = bot.patch(f"rooms/{tea}/messages/{seq}", {"body": "beep"})
    assert (edited.status_code, edited.json["body"], edited.json["seq"]) == (200, "beep", seq)
    assert edited.json["edited_at"] is not None
    assert [one["edited_at"] is None for one in bot.get(f"rooms/{tea}/messages").json["messages"]] == [True, False]
    assert bot.patch(f"rooms/{tea}/messages/1", {"body": "x"}).json["code"] == "not_yours"
    assert bot.patch(f"rooms/{tea}/messages/{seq}", {"text": "x"}).status_code == 400
    taken = json.loads(hana.post(f"/rooms/{tea}/export", data={"form": "json"}).text)
    assert [one["edited_at"] is None for one in taken["messages"]] == [True, False]
