"""How far one has read goes along from device to device, and tells on the home page what is new."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import func, select

from chatpop.core import redis_keys
from chatpop.extensions import db
from chatpop.rooms import reading
from chatpop.rooms.models import Participation, Room
from tests.accounts.acts import log_in, make_member
from tests.conftest import both_databases
from tests.rooms.test_ignores import ignore, tag_of
from tests.support.people import Answer, Person


def look(someone: Person, code: str, seq: int | str, away: int = 1, **options: Any) -> Answer:
    return someone.post(f"/rooms/{code}/reading", data={"seq": seq, "away": away}, **options)


def new_for(someone: Person) -> list[int]:
    """The numbers that the home page shows."""
    return [int(number) for number in re.findall(r'data-unread-count="(\d+)"', someone.get("/").text)]


def read_seqs(app: Flask) -> list[int]:
    with app.app_context():
        return list(db.session.scalars(select(Participation.read_seq).order_by(Participation.id)))


@both_databases
def test_messages_of_others_are_new_until_the_room_is_looked_at(app: Flask, hana: Person, gus: Person) -> None:
    code = hana.open_room()
    hana.say(code, "before gus came")
    gus.join(code)
    assert (new_for(hana), new_for(gus)) == ([], []), "nothing is new to who has just come"
    for number in range(3):
        hana.say(code, f"line {number}")
    assert (new_for(hana), new_for(gus)) == ([], [3]), "one's own are not new"
    assert "3 new messages" in gus.get("/").text
    gus.get(f"/rooms/{code}?before=2")
    assert new_for(gus) == [3], "an earlier page is not the newest"
    gus.get(f"/rooms/{code}")
    assert new_for(gus) == []


@both_databases
def test_the_page_tells_how_far_it_was_seen_and_only_forwards(app: Flask, hana: Person, gus: Person) -> None:
    code = hana.open_room()
    gus.join(code)
    for number in range(5):
        hana.say(code, f"line {number}")
    assert look(gus, code, 3).status_code == 204
    assert new_for(gus) == [2]
    look(gus, code, 1)
    assert new_for(gus) == [2], "not back"
    look(gus, code, 10**9)
    assert new_for(gus) == []
    hana.say(code, "one more")
    assert new_for(gus) == [1], "what was not written yet was not read"


def test_it_takes_no_number_of_the_log(app: Flask, hana: Person, gus: Person) -> None:
    code = hana.open_room()
    gus.join(code)
    hana.say(code, "x")
    with app.app_context():
        before = db.session.scalar(select(Room.last_seq))
    look(gus, code, 1)
    with app.app_context():
        assert db.session.scalar(select(Room.last_seq)) == before


def test_it_is_the_same_on_another_device(app: Flask, hana: Person, person: Callable[[], Person]) -> None:
    mia, elsewhere = make_member(person()), person()
    code = hana.open_room()
    mia.join(code, "Mia-Rivers")
    hana.say(code, "x")
    log_in(elsewhere)
    assert new_for(elsewhere) == [1]
    mia.get(f"/rooms/{code}")
    assert new_for(elsewhere) == []


def test_deleted_and_ignored_messages_are_not_new(hana: Person, gus: Person, oto: Person) -> None:
    code = hana.open_room()
    gus.join(code)
    oto.join(code)
    hana.say(code, "a slip")
    oto.say(code, "buy my things")
    assert new_for(gus) == [2]
    hana.post(f"/rooms/{code}/messages/1/deletion")
    assert new_for(gus) == [1]
    ignore(gus, code, tag_of(hana, code, "buy my things"))
    assert new_for(gus) == []


def test_very_many_are_shown_as_many(hana: Person, gus: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_COUNTED", 2)
    code = hana.open_room()
    gus.join(code)
    for number in range(4):
        hana.say(code, f"line {number}")
    assert new_for(gus) == [2]


def test_the_room_page_tells_the_script_where_one_left_off(hana: Person, gus: Person, oto: Person) -> None:
    code = hana.open_room()
    gus.join(code)
    hana.say(code, "x")
    assert 'data-read="0"' in gus.get(f"/rooms/{code}").text
    assert 'data-read="1"' in gus.get(f"/rooms/{code}").text
    assert "data-read=" not in oto.get(f"/rooms/{code}").text


def test_what_is_refused(app: Flask, hana: Person, gus: Person, oto: Person) -> None:
    code = hana.open_room()
    private = hana.open_room("Secret", visibility="private")
    gus.join(code)
    hana.say(code, "x")
    before = read_seqs(app)
    headers = {"Accept": "application/json"}
    assert look(oto, code, 1, headers=headers).status_code == 401
    oto.open_room("Elsewhere")
    assert look(oto, code, 1, headers=headers).status_code == 403
    assert look(gus, private, 1, headers=headers).status_code == 404
    for bad in ("-1", "x", "", "9" * 30, "１"):
        assert look(gus, code, bad).status_code == 400
    assert look(gus, code, 1, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert read_seqs(app)[: len(before)] == before


def test_telling_it_has_a_limit(hana: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PER_MINUTE", 1)
    code = hana.open_room()
    look(hana, code, 0)
    assert look(hana, code, 0).status_code == 429


def test_who_looks_away_is_known_until_they_look_again(app: Flask, hana: Person, redis: Redis) -> None:
    code = hana.open_room()
    with app.app_context():
        place = db.session.scalars(select(Participation)).one()
    key = redis_keys.room_away(place.room_id, place.user_id)
    look(hana, code, 0, away=1)
    assert redis.exists(key)
    look(hana, code, 0, away=0)
    assert not redis.exists(key)
    look(hana, code, 0, away=1)
    hana.get(f"/rooms/{code}")
    assert not redis.exists(key)
    with app.app_context():
        assert db.session.scalar(select(func.count(Participation.id))) == 1
