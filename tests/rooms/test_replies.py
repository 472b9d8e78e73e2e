"""Replies: a message shows what it answers, for as long as that stands."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from chatpop.extensions import db
from chatpop.rooms.history import read_log
from chatpop.rooms.live.channel import Channel
from chatpop.rooms.live.wire import Frame
from chatpop.rooms.models import Room
from chatpop.rooms.replying import WORDS_LIMIT
from tests.accounts.acts import make_member
from tests.api.program import Program
from tests.conftest import both_databases
from tests.support.people import Answer, Person
from tests.support.rows import row_counts


@pytest.fixture
def tea(hana: Person, gus: Person) -> str:
    """A room where hana has asked something, and gus is there to answer."""
    code = hana.open_room()
    gus.join(code)
    hana.say(code, "Who   brings\nthe cake?")
    return code


def answer(someone: Person, code: str, body: str, reply_to: object) -> Answer:
    return someone.post(f"/rooms/{code}/messages", json={"body": body, "reply_to": reply_to})


def quotes(html: str) -> list[tuple[str, str, str]]:
    """Number, author and words of what the replies of a page answer."""
    found = re.findall(
        r'data-original="(\d+)".*?<strong>([^<]+)</strong> <span class="original-words" dir="auto">(.*?)</span></a>',
        html,
    )
    return [(seq, author, re.sub("<[^>]+>", "", words)) for seq, author, words in found]


@both_databases
def test_a_reply_shows_who_and_the_first_words_on_page_reply_and_stream(
    app: Flask, hana: Person, gus: Person, oto: Person, tea: str
) -> None:
    sent = gus.post(f"/rooms/{tea}/messages", data={"body": "I do", "client_id": "a", "reply_to": "1"}, htmx=True)
    assert sent.status_code == 201
    shown = [("1", str(hana.name), "Who brings the cake?")]
    page = oto.get(f"/rooms/{tea}").text
    assert quotes(sent.text) == quotes(page) == shown
    assert sent.text.strip() in page
    assert f'href="/rooms/{tea}?before=26#message-1"' in page, "it leads there, wherever it stands in the log"
    with app.app_context():
        room = db.session.scalars(select(Room).where(Room.code == tea)).one()
        entry = read_log(room.id, 1)[0]
        assert entry.original is not None
        assert (entry.message.reply_to_seq, entry.original.seq) == (1, 1)


@both_databases
def test_what_is_deleted_is_quoted_no_more(hana: Person, gus: Person, oto: Person, tea: str) -> None:
    answer(gus, tea, "I do", 1)
    hana.post(f"/rooms/{tea}/messages/1/deletion")
    page = oto.get(f"/rooms/{tea}").text
    assert quotes(page) == [("1", str(hana.name), "Message deleted")]
    assert "cake" not in page


def test_a_deleted_reply_shows_nothing_of_its_original(hana: Person, gus: Person, tea: str) -> None:
    answer(gus, tea, "I do", 1)
    gus.post(f"/rooms/{tea}/messages/2/deletion")
    assert quotes(hana.get(f"/rooms/{tea}").text) == []


@both_databases
def test_only_a_standing_message_of_the_same_room_can_be_answered(
    app: Flask, hana: Person, gus: Person, tea: str
) -> None:
    elsewhere = hana.open_room("Coffee")
    for number in range(3):
        hana.say(elsewhere, f"line {number}")
    before = row_counts(app)["messages"]
    for number in (0, 2, 3, 10**12):
        refused = answer(gus, tea, "to nothing", number)
        assert (refused.status_code, refused.json["code"]) == (422, "nothing_to_reply_to"), number
    hana.post(f"/rooms/{tea}/messages/1/deletion")
    assert answer(gus, tea, "too late", 1).status_code == 422
    for bad in ("1", True, -1, 1.5, [1], 10**40):
        assert answer(gus, tea, "no number", bad).status_code == 400, bad
    for typed in ("x", "-1", "1.0"):
        assert gus.post(f"/rooms/{tea}/messages", data={"body": "b", "reply_to": typed}).status_code == 400
    assert row_counts(app)["messages"] == before


def test_without_scripts_the_address_names_what_is_answered(hana: Person, gus: Person, oto: Person, tea: str) -> None:
    assert f'href="/rooms/{tea}?reply=1#composer-text"' in gus.get(f"/rooms/{tea}/messages/1").text
    page = gus.get(f"/rooms/{tea}?reply=1").text
    assert 'name="reply_to" value="1"' in page
    assert "Replying to</span>" in page or "Replying to" in page
    sent = {"body": "by form", "reply_to": "1", "csrf_token": gus.token(f"/rooms/{tea}")}
    assert gus.post(f"/rooms/{tea}/messages", data=sent).status_code == 303
    assert [quote[0] for quote in quotes(hana.get(f"/rooms/{tea}").text)] == ["1"]
    for odd in ("999", ""):
        assert 'name="reply_to" value=""' in gus.get(f"/rooms/{tea}?reply={odd or 999}").text
    assert gus.get(f"/rooms/{tea}?reply=x").status_code == 400
    assert 'name="reply_to"' not in oto.get(f"/rooms/{tea}?reply=1").text, "a visitor has nothing to write with"
    assert "?reply=" not in oto.get(f"/rooms/{tea}/messages/1").text


def test_a_refused_reply_keeps_its_text_and_what_it_answers(hana: Person, gus: Person, tea: str) -> None:
    refused = gus.post(f"/rooms/{tea}/messages", data={"body": "x" * 6000, "reply_to": "1"})
    assert refused.status_code == 422
    assert 'name="reply_to" value="1"' in refused.text
    hana.post(f"/rooms/{tea}/messages/1/deletion")
    refused = gus.post(f"/rooms/{tea}/messages", data={"body": "a long thought", "reply_to": "1"})
    assert refused.status_code == 422
    assert "a long thought" in refused.text
    assert 'name="reply_to" value=""' in refused.text, "so that it can be sent without"


def test_who_ignores_a_person_does_not_meet_them_in_quotes(hana: Person, gus: Person, oto: Person, tea: str) -> None:
    answer(gus, tea, "I do", 1)
    tag = re.findall(r'data-of="(\w+)"', gus.get(f"/rooms/{tea}").text)[0]
    gus.post(f"/rooms/{tea}/ignores", data={"tag": tag})
    assert "cake" not in gus.get(f"/rooms/{tea}").text
    assert "cake" in oto.get(f"/rooms/{tea}").text


def test_programs_and_the_rooms_export_tell_what_is_answered(
    app: Flask, hana: Person, person: Callable[[], Person], tea: str
) -> None:
    make_member(person())
    bot = Program(app).log_in()
    bot.post(f"rooms/{tea}/participation", {"username": "Mia-Rivers"})
    sent = bot.post(f"rooms/{tea}/messages", {"body": "beep", "reply_to": 1})
    assert (sent.status_code, sent.json["reply_to"]) == (201, 1)
    assert [one["reply_to"] for one in bot.get(f"rooms/{tea}/messages").json["messages"]] == [None, 1]
    refused = bot.post(f"rooms/{tea}/messages", {"body": "beep", "reply_to": 9})
    assert (refused.status_code, refused.json["code"]) == (422, "nothing_to_reply_to")
    taken = json.loads(hana.post(f"/rooms/{tea}/export", data={"form": "json"}).text)
    assert [one["reply_to"] for one in taken["messages"]] == [None, 1]


def test_a_frame_that_quotes_what_is_altered_is_remembered_no_more() -> None:
    channel = Channel(1, "ACDEFG")
    channel.position = 0
    channel.advance([Frame(1, b"one", None), Frame(2, b"answers one", None, 1), Frame(3, b"three", None)])
    assert channel.remembered(0) == [b"one", b"answers one", b"three"]
    channel.advance([Frame(4, b"one is gone", 1)])
    assert (channel.remembered(0), channel.remembered(1)) == (None, None), "or its words would come back by a replay"
    assert channel.remembered(2) == [b"three", b"one is gone"]


def test_the_quoted_words_are_few_and_without_the_signs_of_formatting(hana: Person, gus: Person, tea: str) -> None:
    hana.say(tea, "**loud** `words` " + "and more " * 50)
    answer(gus, tea, "hm", 2)
    ((_, _, words),) = quotes(gus.get(f"/rooms/{tea}").text)
    assert words.startswith("loud words and more")
    assert words.endswith("…")
    assert len(words) <= WORDS_LIMIT
