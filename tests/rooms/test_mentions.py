"""Calling people by name: whom it reaches, how it is drawn, and how a name is completed."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from flask import Flask
from sqlalchemy import select

from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.rooms.completing import LOOKUPS_PER_MINUTE
from chatpop.rooms.mentioning import MOST_MENTIONS, mentioned_user_ids, store_anew
from chatpop.rooms.models import Message, Participation, Room
from tests.conftest import both_databases
from tests.support.people import Person
from tests.support.rows import row_counts

CALLED = re.compile(r'<bdi class="mention" data-mention="(\w+)">@([^<]+)</bdi>')


@pytest.fixture
def tea(hana: Person, gus: Person) -> str:
    """hana hosts, gus has come in."""
    code = hana.open_room()
    gus.join(code)
    return code


def tag_of(code: str, someone: Person) -> str:
    found = re.search(r'data-me="(\w+)"', someone.get(f"/rooms/{code}").text)
    assert found
    return found.group(1)


def told(app: Flask, seq: int = 1) -> list[str]:
    """The account names of those to be told of the message."""
    with app.app_context():
        message = db.session.scalars(select(Message).where(Message.seq == seq)).one()
        return [db.session.get_one(User, user_id).username for user_id in mentioned_user_ids(message)]


@both_databases
def test_a_person_is_called_by_any_spelling_that_looks_alike(app: Flask, hana: Person, gus: Person, tea: str) -> None:
    assert gus.name
    other = gus.name.upper().replace("I", "1").replace("O", "0")
    hana.say(tea, f"hello @{gus.name}, or @{other}! not @Nobody123 nor me@{gus.name}.example")

    page = gus.get(f"/rooms/{tea}").text

    assert CALLED.findall(page) == [(tag_of(tea, gus), gus.name), (tag_of(tea, gus), other)]
    assert "@Nobody123" in page
    assert row_counts(app)["mentions"] == 1
    assert told(app) == [gus.name]


def test_a_text_without_an_at_sign_asks_for_nobody(app: Flask, hana: Person, gus: Person, tea: str) -> None:
    hana.say(tea, f"hello {gus.name}")
    assert row_counts(app)["mentions"] == 0
    assert told(app) == []


def test_a_name_in_code_calls_nobody(app: Flask, hana: Person, gus: Person, tea: str) -> None:
    hana.say(tea, f"`@{gus.name}`")
    assert told(app) == []
    assert CALLED.findall(gus.get(f"/rooms/{tea}").text) == []


def test_the_reply_and_the_stream_draw_it_like_the_page(hana: Person, gus: Person, tea: str) -> None:
    tag = tag_of(tea, gus)
    sent = hana.post(f"/rooms/{tea}/messages", data={"body": f"@{gus.name}", "client_id": "a"}, htmx=True)
    again = hana.post(f"/rooms/{tea}/messages", data={"body": f"@{gus.name}", "client_id": "a"}, htmx=True)
    more = gus.get(f"/rooms/{tea}/messages?after=0").text
    assert (sent.status_code, again.status_code) == (201, 200)
    assert CALLED.findall(sent.text) == CALLED.findall(again.text) == CALLED.findall(more) == [(tag, gus.name)]


@both_databases
def test_who_has_left_is_called_no_more(app: Flask, hana: Person, gus: Person, tea: str) -> None:
    hana.say(tea, f"@{gus.name}")
    assert told(app) == [gus.name]
    gus.post(f"/rooms/{tea}/departure")
    assert told(app) == []
    hana.say(tea, f"still there @{gus.name}?")
    assert told(app, 2) == []
    assert row_counts(app)["mentions"] == 1


def test_who_ignores_the_author_is_not_told_and_nobody_calls_themselves(
    app: Flask, hana: Person, gus: Person, tea: str
) -> None:
    hana.say(tea, f"@{gus.name} @{hana.name}")
    assert told(app) == [gus.name]
    gus.post(f"/rooms/{tea}/ignores", data={"tag": tag_of(tea, hana)})
    assert told(app) == []


def test_a_name_of_the_same_account_in_another_room_calls_nobody(app: Flask, hana: Person, gus: Person) -> None:
    first, second = hana.open_room("First"), hana.open_room("Second")
    gus.join(first)
    account = gus.name
    gus.join(second, gus.roll(second))
    with app.app_context():
        names = {place.name for place in db.session.scalars(select(Participation)) if place.name != hana.name}
    assert len(names) == 2
    hana.say(second, f"@{account}")
    assert row_counts(app)["mentions"] == 0


def test_a_message_that_is_taken_back_or_changed_calls_anew(app: Flask, hana: Person, gus: Person, tea: str) -> None:
    hana.say(tea, f"@{gus.name}")
    for body, count in ((f"@{hana.name} and @{gus.name}", 2), ("nobody", 0), (f"@{gus.name}", 1)):
        with app.app_context(), transaction() as session:
            message = session.scalars(select(Message)).one()
            message.body = body
            store_anew(session, session.scalars(select(Room)).one(), message)
        assert row_counts(app)["mentions"] == count
    hana.post(f"/rooms/{tea}/messages/1/deletion")
    assert row_counts(app)["mentions"] == 0


def test_twenty_names_are_the_most(app: Flask, hana: Person, gus: Person, tea: str) -> None:
    strangers = " ".join(f"@Stranger{number:03}" for number in range(MOST_MENTIONS))
    hana.say(tea, f"{strangers} @{gus.name}")
    assert told(app) == []


def found(someone: Person, code: str, begun: str) -> Sequence[str]:
    answer = someone.get(f"/rooms/{code}/people", query_string={"q": begun})
    assert answer.status_code == 200, answer.text
    return [person["name"] for person in answer.json["people"]]


@both_databases
def test_a_name_is_completed_from_the_people_of_the_room(hana: Person, gus: Person, oto: Person, tea: str) -> None:
    assert gus.name
    oto.join(oto.open_room("Elsewhere"))
    assert found(hana, tea, gus.name[:4].lower()) == [gus.name]
    assert found(hana, tea, gus.name.upper()) == [gus.name]
    assert found(gus, tea, gus.name) == []
    assert found(hana, tea, oto.name or "") == []


@pytest.mark.parametrize("begun", ["", "%", "_", "é", "\x00", "a" * 500, "\\", "日本"])
def test_what_is_no_beginning_of_a_name_finds_nobody(hana: Person, tea: str, begun: str) -> None:
    assert found(hana, tea, begun) == []


def test_names_are_completed_for_participants_alone_and_without_ignored_people(
    hana: Person, gus: Person, oto: Person, tea: str
) -> None:
    path = f"/rooms/{tea}/people?q=a"
    assert oto.get(path, headers={"Accept": "application/json"}).status_code == 401
    hana.post(f"/rooms/{tea}/ignores", data={"tag": tag_of(tea, gus)})
    assert found(hana, tea, gus.name or "") == []


def test_lookups_are_limited(hana: Person, tea: str) -> None:
    answers = [hana.get(f"/rooms/{tea}/people?q=a").status_code for _ in range(LOOKUPS_PER_MINUTE + 1)]
    assert answers == [200] * LOOKUPS_PER_MINUTE + [429]


def test_an_edit_calls_others(app: Flask, hana: Person, gus: Person, tea: str) -> None:
    hana.say(tea, "nobody yet")
    answer = hana.post(f"/rooms/{tea}/messages/1/edit", data={"body": f"now @{gus.name}"}, htmx=True)
    assert answer.status_code == 200, answer.text
    assert CALLED.findall(answer.text) == [(tag_of(tea, gus), gus.name)]
    assert told(app) == [gus.name]
