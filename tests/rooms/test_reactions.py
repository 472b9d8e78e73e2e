"""Reacting to messages: who, what, once, live, and what becomes of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import event, select

from chatpop.extensions import db
from chatpop.rooms.history import LogEntry, read_log
from chatpop.rooms.live.wire import log_frame
from chatpop.rooms.models import Room
from chatpop.rooms.reaction_models import PALETTE, Reaction
from chatpop.rooms.reactions import Tally
from chatpop.rooms.rendering import MOST_TAGS, message_view
from tests.accounts.acts import make_member
from tests.api.program import Program
from tests.conftest import both_databases
from tests.rooms.test_ignores import tag_of
from tests.support.people import Answer, Person
from tests.support.rows import row_counts


@pytest.fixture
def tea(hana: Person, gus: Person) -> str:
    """A room in which hana has written number 1, and gus is."""
    code = hana.open_room()
    gus.join(code)
    hana.say(code, "cake at five")
    return code


def react(someone: Person, code: str, emoji: object = "🎉", seq: object = 1) -> Answer:
    return someone.post(f"/rooms/{code}/messages/{seq}/reactions", json={"emoji": emoji})


def shown(html: str) -> list[tuple[str, str, int]]:
    """Sign, spoken label and number of tags of every reaction on a page or fragment."""
    found = re.findall(r'value="([^"]+)" aria-pressed="false" aria-label="([^"]+)" data-tags="([^"]*)"', html)
    return [(emoji, label, len(tags.split())) for emoji, label, tags in found]


@both_databases
def test_reactions_are_counted_once_a_person_and_come_live(
    app: Flask, hana: Person, gus: Person, oto: Person, tea: str
) -> None:
    answer = gus.post(f"/rooms/{tea}/messages/1/reactions", data={"emoji": "🎉"}, htmx=True)
    assert (answer.status_code, shown(answer.text)) == (200, [("🎉", "party, 1", 1)])
    assert react(hana, tea, "👍").json["reactions"] == {"🎉": 1, "👍": 1}
    assert react(hana, tea, "🎉").json["reactions"] == {"🎉": 2, "👍": 1}
    page = oto.get(f"/rooms/{tea}").text
    assert shown(page)[:2] == [("🎉", "party, 2", 2), ("👍", "thumbs up, 1", 1)]
    assert react(gus, tea, "🎉").json["reactions"] == {"🎉": 1, "👍": 1}, "pressed again it is taken back"
    with app.app_context():
        room = db.session.scalars(select(Room).where(Room.code == tea)).one()
        entries = read_log(room.id, 0)
        assert [(entry.seq, entry.kind) for entry in entries] == [(1, "message")] + [
            (seq, "reaction") for seq in (2, 3, 4, 5)
        ]
        sent = log_frame(entries[-1])
    assert b"event: reaction" in sent.data
    assert b"cake" not in sent.data, "the reactions alone"
    assert sent.changes is None


def test_the_last_one_taken_back_leaves_nothing(hana: Person, gus: Person, oto: Person, tea: str) -> None:
    react(gus, tea)
    gone = gus.post(f"/rooms/{tea}/messages/1/reactions", data={"emoji": "🎉"}, htmx=True)
    assert 'data-message="1"' in gone.text
    assert shown(gone.text) == []
    assert 'class="reactions"' not in oto.get(f"/rooms/{tea}").text


@both_databases
def test_many_at_once_are_all_counted(app: Flask, hana: Person, tea: str) -> None:
    people = [Person(app) for _ in range(5)]
    for someone in people:
        someone.join(tea)
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda someone: react(someone, tea), people))
    assert {answer.status_code for answer in answers} == {200}
    assert shown(hana.get(f"/rooms/{tea}").text)[0] == ("🎉", "party, 5", 5)


def test_it_works_without_scripts(hana: Person, gus: Person, oto: Person, tea: str) -> None:
    page = gus.get(f"/rooms/{tea}/messages/1").text
    assert page.count('class="palette-sign"') == len(PALETTE)
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
    done = gus.post(f"/rooms/{tea}/messages/1/reactions", data={"emoji": "❤️", "csrf_token": token})
    assert (done.status_code, done.headers["Location"]) == (303, f"/rooms/{tea}#message-1")
    again = gus.get(f"/rooms/{tea}/messages/1").text
    assert 'value="❤️" aria-label="heart" aria-pressed="true"' in again
    assert str(gus.name) in again, "who has reacted is told on the message's page"
    assert "palette-sign" not in oto.get(f"/rooms/{tea}/messages/1").text
    assert str(gus.name) in oto.get(f"/rooms/{tea}/messages/1").text


def test_what_is_refused(app: Flask, hana: Person, gus: Person, oto: Person, tea: str) -> None:
    for emoji in ("", "🍰", "👍👍", "x" * 500, "<b>"):
        assert (react(gus, tea, emoji).status_code, react(gus, tea, emoji).json["code"]) == (422, "unknown_sign")
    assert react(gus, tea, 7).status_code == 400
    assert react(gus, tea, seq=9).status_code == 404
    assert react(gus, tea, seq="x").status_code == 400
    path, sent = f"/rooms/{tea}/messages/1/reactions", {"emoji": "🎉"}
    assert oto.post(path, data=sent).headers["Location"] == f"/rooms/{tea}/join"
    assert oto.post(path, data=sent, htmx=True).status_code == 401
    oto.open_room("Elsewhere")
    assert react(oto, tea).status_code == 403
    assert gus.post(path, data={**sent, "csrf_token": "wrong"}).status_code == 400, "a wrong token"
    assert gus.post(path, data=sent, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    hana.post(f"/rooms/{tea}/messages/1/deletion")
    assert react(gus, tea).json["code"] == "message_is_deleted"
    assert row_counts(app)["reactions"] == 0


def test_a_private_rooms_messages_are_not_there_for_outsiders(hana: Person, gus: Person) -> None:
    code = hana.open_room("Secret", "private")
    hana.say(code, "x")
    gus.open_room("Elsewhere")
    assert react(gus, code).status_code == 404


def test_muted_banned_and_shut_out_people_do_not_react(app: Flask, hana: Person, gus: Person, tea: str) -> None:
    gus.say(tea, "bring nothing")
    tag = tag_of(hana, tea, "bring nothing")
    hana.post(f"/rooms/{tea}/closure")
    assert react(gus, tea).json["code"] == "closed_to_guests"
    hana.post(f"/rooms/{tea}/closure/end")
    hana.post(f"/rooms/{tea}/people/{tag}/mute", data={"length": "1h"})
    assert react(gus, tea).json["code"] == "muted"
    hana.post(f"/rooms/{tea}/bans", data={"tag": tag, "length": "1h"})
    assert react(gus, tea).status_code == 403
    assert row_counts(app)["reactions"] == 0


def test_they_have_a_minute_of_their_own_and_slow_mode_is_not_asked(make_app: Callable[..., Flask]) -> None:
    app = make_app(MAX_MESSAGES_PER_MINUTE_GUEST="3")
    hana = Person(app)
    code = hana.open_room()
    hana.post(f"/rooms/{code}/slow-mode", data={"seconds": "60"})
    hana.say(code, "one")
    answers = [react(hana, code, emoji) for emoji in ("👍", "🎉", "❤️", "😂")]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert hana.say(code, "two").status_code == 201


def test_a_deleted_message_shows_no_reactions(hana: Person, gus: Person, oto: Person, tea: str) -> None:
    react(gus, tea)
    hana.post(f"/rooms/{tea}/messages/1/deletion")
    assert 'class="reactions"' not in oto.get(f"/rooms/{tea}").text
    assert str(gus.name) not in oto.get(f"/rooms/{tea}/messages/1").text


def test_another_name_of_the_same_person_changes_nothing_that_others_see(
    hana: Person, gus: Person, oto: Person, tea: str
) -> None:
    react(gus, tea)
    before = shown(oto.get(f"/rooms/{tea}").text)
    gus.post(f"/rooms/{tea}/departure")
    gus.join(tea, gus.roll(tea))
    refused = react(gus, tea)
    assert (refused.status_code, refused.json["code"]) == (409, "under_another_name")
    assert shown(oto.get(f"/rooms/{tea}").text) == before, "or it would tell that both names are one person's"
    assert react(gus, tea, "👍").status_code == 200


def test_a_message_without_reactions_costs_no_question(app: Flask, hana: Person, gus: Person, tea: str) -> None:
    asked: list[str] = []
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda *call: asked.append(str(call[2])))
    assert gus.say(tea, "hello").status_code == 201
    gus.get(f"/rooms/{tea}")
    assert not any("reactions" in text.split("FROM")[-1] for text in asked)


def test_a_page_asks_once_however_many_messages_have_reactions(
    app: Flask, hana: Person, gus: Person, oto: Person, tea: str
) -> None:
    for seq in range(1, 6):
        react(gus, tea, seq=hana.say(tea, f"line {seq}").json["seq"])
    asked: list[str] = []
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda *call: asked.append(str(call[2])))
    oto.get(f"/rooms/{tea}")
    assert sum("FROM reactions" in text for text in asked) == 1


def test_of_a_sign_of_hundreds_not_every_tag_is_sent(app: Flask, hana: Person, tea: str) -> None:
    with app.app_context():
        room = db.session.scalars(select(Room).where(Room.code == tea)).one()
        found = read_log(room.id, 0)[0]
        many = LogEntry(1, "message", found.message, tea, tallies=[Tally("🎉", [f"{n:016}" for n in range(900)])])
        (tally,) = message_view(many).tallies
    assert (tally.count, len(tally.tags.split())) == (900, MOST_TAGS)


def test_every_sign_fits_its_column_and_its_label_is_its_own() -> None:
    limit = Reaction.__table__.c.emoji.type.length  # type: ignore[attr-defined]
    assert all(len(emoji) <= limit for emoji in PALETTE)
    assert len(set(PALETTE.values())) == len(PALETTE) == 12


@both_databases
def test_programs_react_and_take_it_back(app: Flask, hana: Person, person: Callable[[], Person], tea: str) -> None:
    make_member(person())
    bot = Program(app).log_in()
    bot.post(f"rooms/{tea}/participation", {"username": "Mia-Rivers"})
    react(hana, tea, "👍")
    path = f"rooms/{tea}/messages/1/reactions"
    for _ in range(2):
        answer = bot.put(f"{path}/👍")
        assert answer.status_code == 200
        assert answer.json["reactions"] == [{"emoji": "👍", "count": 2, "is_mine": True}]
    assert bot.get(f"rooms/{tea}/messages").json["messages"][0]["reactions"][0]["is_mine"] is True
    for _ in range(2):
        assert bot.delete(f"{path}/👍").json["reactions"] == [{"emoji": "👍", "count": 1, "is_mine": False}]
    assert bot.put(f"{path}/🍰").json["code"] == "unknown_sign"
    assert bot.put(f"rooms/{tea}/messages/9/reactions/👍").status_code == 404
    taken = json.loads(hana.post(f"/rooms/{tea}/export", data={"form": "json"}).text)
    assert taken["messages"][0]["reactions"] == {"👍": 1}
