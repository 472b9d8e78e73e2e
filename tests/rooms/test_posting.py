"""Writing, deleting and reading messages."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from sqlalchemy import select

from chatpop.extensions import db
from chatpop.rooms.history import read_log
from chatpop.rooms.models import BODY_LIMIT, Message, Room
from tests.conftest import both_databases
from tests.support.people import Person
from tests.support.rows import row_counts


def seqs(html: str) -> list[int]:
    return [int(seq) for seq in re.findall(r'data-seq="(\d+)"', html)]


@both_databases
def test_a_message_gets_the_next_number_and_stands_on_the_page(hana: Person, oto: Person) -> None:
    code = hana.open_room()
    numbers = [hana.say(code, f"line {n}").json["seq"] for n in range(3)]
    assert numbers == [1, 2, 3]
    page = oto.get(f"/rooms/{code}")
    assert seqs(page.text) == [1, 2, 3]
    assert "line 2" in page.text


@both_databases
def test_parallel_messages_are_numbered_without_gap_or_double(app: Flask, hana: Person) -> None:
    code = hana.open_room()
    people = [Person(app) for _ in range(6)]
    for someone in people:
        someone.join(code)

    def talk(someone: Person) -> list[int]:
        return [someone.say(code, f"hello {n}").json["seq"] for n in range(10)]

    with ThreadPoolExecutor(6) as pool:
        numbers = [number for part in pool.map(talk, people) for number in part]
    assert sorted(numbers) == list(range(1, 61))
    with app.app_context():
        room = db.session.scalar(select(Room).where(Room.code == code))
        assert room is not None
        assert [entry.seq for entry in read_log(room.id, 0)] == list(range(1, 61))


@both_databases
def test_sending_twice_stores_once_also_at_the_same_time(app: Flask, hana: Person) -> None:
    code = hana.open_room()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: hana.say(code, "once", "the-same-id"), range(8)))
    assert {answer.json["seq"] for answer in answers} == {1}
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert row_counts(app)["messages"] == 1


def test_text_is_escaped_and_links_are_made_safely(hana: Person, oto: Person) -> None:
    code = hana.open_room()
    hana.say(code, '<script>alert(1)</script> see https://example.org/?a=1&b="x" or javascript:alert(1)')
    text = oto.get(f"/rooms/{code}").text
    assert "<script>alert(1)</script>" not in text
    assert (
        '<a href="https://example.org/?a=1&amp;b="' in text.replace("%22x%22", "")
        or 'href="https://example.org' in text
    )
    assert 'rel="nofollow ugc noopener noreferrer"' in text
    assert 'href="javascript' not in text


def test_empty_and_oversized_messages_are_refused_with_a_sentence(app: Flask, hana: Person) -> None:
    code = hana.open_room()
    assert hana.say(code, "   \n ").status_code == 422
    assert hana.say(code, "x" * BODY_LIMIT).status_code == 201
    refused = hana.say(code, "x" * (BODY_LIMIT + 1))
    assert refused.status_code == 422
    assert "5,000" in refused.json["error"]
    assert row_counts(app)["messages"] == 1


def test_who_is_not_in_the_room_is_led_to_joining(hana: Person, oto: Person, gus: Person) -> None:
    code, elsewhere = hana.open_room(), hana.open_room("Coffee")
    gus.join(elsewhere)
    assert oto.say(code, "hi").status_code == 401
    assert oto.post(f"/rooms/{code}/messages", data={"body": "hi"}, htmx=True).status_code == 401
    assert gus.say(code, "hi").status_code == 403
    page = oto.post(f"/rooms/{code}/messages", data={"body": "hi"})
    assert (page.status_code, page.headers["Location"]) == (303, f"/rooms/{code}/join")


def test_the_form_works_without_scripts(hana: Person) -> None:
    code = hana.open_room()
    sent = hana.post(f"/rooms/{code}/messages", data={"body": "plain", "csrf_token": hana.token(f"/rooms/{code}")})
    assert (sent.status_code, sent.headers["Location"]) == (303, f"/rooms/{code}#message-1")


def test_the_reply_is_the_same_markup_as_the_page(hana: Person, oto: Person) -> None:
    code = hana.open_room()
    reply = hana.post(f"/rooms/{code}/messages", data={"body": "same", "client_id": "a"}, htmx=True)
    assert reply.status_code == 201
    assert reply.text.strip() in oto.get(f"/rooms/{code}").text


def test_talking_too_fast_is_refused_and_nothing_is_lost(make_app: Callable[..., Flask]) -> None:
    app = make_app(MAX_MESSAGES_PER_MINUTE_GUEST="2")
    hana = Person(app)
    code = hana.open_room()
    statuses = [hana.say(code, f"{n}").status_code for n in range(3)]
    assert statuses == [201, 201, 429]
    refused = hana.say(code, "again")
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["RateLimit-Limit"] == "2"


@both_databases
def test_deleting_leaves_a_stone_and_takes_the_next_number(app: Flask, hana: Person, oto: Person) -> None:
    code = hana.open_room()
    hana.say(code, "a secret")
    hana.say(code, "after")
    gone = hana.post(f"/rooms/{code}/messages/1/deletion", htmx=True)
    assert gone.status_code == 200
    assert "a secret" not in gone.text
    text = oto.get(f"/rooms/{code}").text
    assert "a secret" not in text
    assert "Message deleted" in text
    with app.app_context():
        room = db.session.scalar(select(Room).where(Room.code == code))
        assert room is not None
        entries = read_log(room.id, 0)
        assert [(entry.seq, entry.kind) for entry in entries] == [(1, "message"), (2, "message"), (3, "delete")]
        assert db.session.scalar(select(Message.body).where(Message.seq == 1)) == ""
    assert hana.post(f"/rooms/{code}/messages/1/deletion", htmx=True).status_code == 200, "twice is once"


def test_only_the_author_deletes(hana: Person, gus: Person, oto: Person) -> None:
    code = hana.open_room()
    hana.say(code, "mine")
    gus.join(code)
    assert gus.post(f"/rooms/{code}/messages/1/deletion", htmx=True).status_code == 403
    assert oto.post(f"/rooms/{code}/messages/1/deletion", htmx=True).status_code == 401
    assert hana.post(f"/rooms/{code}/messages/9/deletion", htmx=True).status_code == 404
    assert hana.post(f"/rooms/{code}/messages/x/deletion", htmx=True).status_code == 400
    assert "mine" in oto.get(f"/rooms/{code}").text


def test_older_messages_come_in_pages_without_scripts_too(app: Flask, make_app: Callable[..., Flask]) -> None:
    app = make_app(MAX_MESSAGES_PER_MINUTE_GUEST="1000")
    hana, oto = Person(app), Person(app)
    code = hana.open_room()
    for number in range(120):
        hana.say(code, f"line {number}")
    newest = oto.get(f"/rooms/{code}").text
    assert seqs(newest) == list(range(71, 121))
    assert f"/rooms/{code}?before=71" in newest
    older = oto.get(f"/rooms/{code}?before=71").text
    assert seqs(older) == list(range(21, 71))
    fragment = oto.get(f"/rooms/{code}/messages?before=21", htmx=True).text
    assert seqs(fragment) == list(range(1, 21))
    assert "<html" not in fragment
    assert seqs(oto.get(f"/rooms/{code}/messages?after=115").text) == [116, 117, 118, 119, 120]


def test_an_author_tag_links_no_two_rooms(hana: Person, oto: Person) -> None:
    first, second = hana.open_room(), hana.open_room("Coffee")
    hana.say(first, "one")
    hana.say(second, "two")
    tags = [re.findall(r'data-author="([^"]+)"', oto.get(f"/rooms/{code}").text)[0] for code in (first, second)]
    assert tags[0] != tags[1]
