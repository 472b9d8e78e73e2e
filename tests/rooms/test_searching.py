"""Searching a room: what is found by whom, in any language, and a clear answer to whatever is typed."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from flask import Flask

from chatpop.core.transactions import transaction
from chatpop.rooms import search_terms, searching
from chatpop.rooms.models import Message
from tests.conftest import both_databases
from tests.support.people import Answer, Person

JSON = {"Accept": "application/json"}


def search(someone: Person, code: str, words: str, before: int | None = None) -> Answer:
    query: dict[str, str | int] = {"q": words} | ({"before": before} if before else {})
    return someone.get(f"/rooms/{code}/search", query_string=query, headers=JSON)


def bodies(someone: Person, code: str, words: str) -> list[str]:
    answer = search(someone, code, words)
    assert answer.status_code == 200, answer.text
    return [message["body"] for message in answer.json["messages"]]


@both_databases
def test_messages_with_all_the_words_are_found_newest_first(hana: Person, oto: Person) -> None:
    code, other = hana.open_room(), hana.open_room("Other")
    for body in ("The harbour at Night", "harbours, night and fog", "night only", "see example.org/harbour?night=1"):
        hana.say(code, body)
    hana.say(other, "harbour night elsewhere")
    expected = ["see example.org/harbour?night=1", "harbours, night and fog", "The harbour at Night"]
    assert bodies(oto, code, "HARBOUR night") == expected
    assert bodies(oto, code, "night har") == expected
    assert bodies(oto, code, "bour") == []
    assert bodies(oto, code, "foghorn") == []


@both_databases
def test_what_is_taken_back_or_changed_is_found_as_it_stands(app: Flask, hana: Person) -> None:
    code = hana.open_room()
    hana.say(code, "first secret")
    hana.say(code, "second secret")
    hana.post(f"/rooms/{code}/messages/1/deletion")
    with app.app_context(), transaction() as session:
        session.query(Message).filter_by(seq=2).one().body = "second thought"
    assert bodies(hana, code, "secret") == []
    assert bodies(hana, code, "thought") == ["second thought"]


@both_databases
@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("今日は天気がいいですね", "天気"),
        ("안녕하세요 여러분", "하세요"),
        ("สวัสดีครับ", "ดี"),
        ("مرحبا بالعالم", "مرحبا"),
        ("שלום לכולם", "לכול"),
        ("Привет, мир", "привет"),
        ("Grüße aus Köln", "grüße köln"),
        ("party 🎉 time", "🎉"),
        ("100% sure_thing", "sure thing"),
        ("it costs 5€", "€"),
        ("c++ and O'Reilly", "o'reilly"),
    ],
)
def test_words_of_any_script_are_found(hana: Person, body: str, words: str) -> None:
    code = hana.open_room()
    hana.say(code, body)
    hana.say(code, "something else")
    assert bodies(hana, code, words) == [body]


TYPED = ["", " ", "a", "...", "%", "_", "*", "\x00", "\x00\x00x", "'", '"', "'' OR 1=1", "(", ")", "-", "NEAR(", "\\"]
TYPED += ["&", "!", '"unbalanced', "body:", "room_id : 1", "a AND OR NOT", "NOT", "AND", "x*", "^begin", "{a b}"]
TYPED += [
    "a" * 5000,
    "\ud7ff",
    "\u5929" * 101,
    "'\u5929",
    "%\u5929",
    "\u5929_",
    "\u202e",
    "\u0301",
    "\u00e9",
    "1",
    "12",
]
TYPED += ["\U0001f389", "\U0001f469\u200d\U0001f467", "|", "a | b", "<b>", ":*", "a:*b", "\u0660\u0661", "\u00b2\u00b3"]


@both_databases
def test_whatever_is_typed_has_a_clear_answer(monkeypatch: pytest.MonkeyPatch, hana: Person) -> None:
    monkeypatch.setattr(searching, "SEARCHES_PER_MINUTE", 10 * len(TYPED))
    code = hana.open_room()
    hana.say(code, "some text")
    for words in TYPED:
        answer = search(hana, code, words)
        assert answer.status_code in (200, 422), (words, answer.text)
        page = hana.get(f"/rooms/{code}/search", query_string={"q": words})
        assert page.status_code in (200, 422)
        if answer.status_code == 422 and words:
            assert answer.json["error"] in page.text
        assert hana.get(f"/rooms/{code}/search", query_string={"q": words}, htmx=True).status_code == 200


@both_databases
def test_results_come_in_pages_of_twenty(hana: Person) -> None:
    code = hana.open_room()
    for number in range(searching.PAGE_SIZE + 5):
        hana.say(code, f"line {number}")
    first = search(hana, code, "line").json
    second = search(hana, code, "line", first["older"]).json
    assert [message["seq"] for message in first["messages"]] == list(range(25, 5, -1))
    assert [message["seq"] for message in second["messages"]] == [5, 4, 3, 2, 1]
    assert (first["older"], second["older"]) == (6, None)
    page = hana.get(f"/rooms/{code}/search?q=line").text
    assert f"/rooms/{code}/search?q=line&amp;before=6" in page


def test_the_words_are_marked_and_each_result_leads_to_its_place(hana: Person, oto: Person) -> None:
    code = hana.open_room()
    hana.say(code, "**Harbour** <b>lights</b> " + "and so on " * 60)
    page = oto.get(f"/rooms/{code}/search?q=harb+light").text
    assert "<mark>Harb</mark>our &lt;b&gt;<mark>light</mark>s&lt;/b&gt;" in page
    assert f'href="/rooms/{code}?around=1#message-1"' in page
    assert "…" in page


def test_a_private_room_is_searched_by_those_who_may_read_it(hana: Person, oto: Person) -> None:
    code = hana.open_room(visibility="private")
    hana.say(code, "a secret")
    assert bodies(hana, code, "secret") == ["a secret"]
    assert search(oto, code, "secret").status_code == 404


def test_messages_of_ignored_people_are_not_found(hana: Person, gus: Person, oto: Person) -> None:
    code = hana.open_room()
    gus.join(code)
    gus.say(code, "buy things")
    tag = search(hana, code, "things").json["messages"][0]["author_tag"]
    hana.post(f"/rooms/{code}/ignores", data={"tag": tag})
    assert bodies(hana, code, "things") == []
    assert bodies(oto, code, "things") == ["buy things"]


def test_a_wrong_number_is_told(hana: Person) -> None:
    code = hana.open_room()
    assert hana.get(f"/rooms/{code}/search?q=word&before=x", headers=JSON).status_code == 400
    assert hana.get(f"/rooms/{code}?around=x").status_code == 400


def test_searches_are_limited_by_person_and_for_visitors_by_network(hana: Person, oto: Person) -> None:
    code = hana.open_room()
    for someone in (hana, oto):
        statuses = [search(someone, code, "word").status_code for _ in range(searching.SEARCHES_PER_MINUTE + 1)]
        assert statuses == [200] * searching.SEARCHES_PER_MINUTE + [429]


def test_a_page_around_a_message_shows_what_came_before_and_after(hana: Person, app: Flask) -> None:
    code = hana.open_room()
    hana.say(code, "first")
    with app.app_context(), transaction() as session:
        first = session.query(Message).one()
        for number in range(2, 101):
            session.add(_like(first, number))
    shown = [int(seq) for seq in re.findall(r'data-seq="(\d+)"', hana.get(f"/rooms/{code}?around=40").text)]
    assert (shown[0], shown[-1], len(shown)) == (16, 65, 50)
    newest = hana.get(f"/rooms/{code}?around=90").text
    assert "sse-connect" in newest
    assert "sse-connect" not in hana.get(f"/rooms/{code}?around=1").text


def test_marks_and_terms_are_taken_as_text() -> None:
    terms = search_terms.read("(a+ .*bc")
    assert terms.words == ("a", "bc")
    assert [match[0] for match in terms.marks.finditer("ABCD bcd xbc a")] == ["A", "bc", "a"]
    assert quote(terms.run) == "%28a%2B%20.%2Abc"


def _like(first: Message, number: int) -> Message:
    return Message(
        room_id=first.room_id,
        seq=number,
        author_id=first.author_id,
        author_name=first.author_name,
        author_tag=first.author_tag,
        body=f"line {number}",
        client_id=f"n{number}",
        created_at=first.created_at,
    )
