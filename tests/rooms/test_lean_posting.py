"""A message stays cheap: how often its way asks the database and Redis, and that it is drawn once.

This is the long way; for a plain one from a room's page see ``test_fast_path``.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any, cast

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import event

from chatpop.core import clock
from chatpop.extensions import db
from chatpop.rooms.history import LogEntry
from chatpop.rooms.models import EventKind, Message
from chatpop.rooms.rendering import render_entry
from chatpop.uploads.jobs import incoming_folder
from chatpop.web import drawn_names
from tests.conftest import both_databases
from tests.support.people import Person

INSIDE_THE_SCRIPT = {"lindex", "lpush", "ltrim", "expire", "llen"}
OF_THE_COUNTERS = {"multi", "exec", "hincrby", "pfadd", "zadd", "zremrangebyrank", "set", "get", "info"}
"""Carried to Redis once a second by the process, not by a request."""


def calls(redis: Redis) -> dict[str, int]:
    """How often each command has run, by its name."""
    stats = cast("dict[str, dict[str, Any]]", redis.info("commandstats"))
    return {name.removeprefix("cmdstat_"): int(found["calls"]) for name, found in stats.items()}


@both_databases
def test_a_message_is_three_reads_and_two_writes(app: Flask, gus: Person, hana: Person) -> None:
    code = hana.open_room("Tea")
    gus.join(code)
    gus.say(code, "first")
    asked: list[str] = []
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda *call: asked.append(str(call[2])))
    answer = gus.post(f"/rooms/{code}/messages", data={"body": "hello", "client_id": "two"})
    assert answer.status_code == 303
    of_messages = [text for text in asked if "FROM settings" not in text]  # those are read once a second
    verbs = [verb for verb in (text.split()[0] for text in of_messages) if verb != "BEGIN"]
    assert verbs == ["SELECT"] * 3 + ["UPDATE", "INSERT"], "who writes; room, ban and place; an earlier copy"


def test_a_message_asks_redis_twice(redis: Redis, gus: Person, hana: Person) -> None:
    code = hana.open_room("Tea")
    gus.join(code)
    gus.say(code, "the script is known from now on")
    before = calls(redis)
    for number in range(5):
        assert gus.say(code, f"line {number}").status_code == 201
    risen = {name: number - before.get(name, 0) for name, number in calls(redis).items()}
    own = {name: number for name, number in risen.items() if number and name not in OF_THE_COUNTERS}
    assert {name: number for name, number in own.items() if name not in INSIDE_THE_SCRIPT} == {
        "evalsha": 5,
        "publish": 5,
    }


def test_a_limit_holds_also_when_redis_has_forgotten_the_script(redis: Redis, gus: Person, hana: Person) -> None:
    code = hana.open_room("Tea")
    gus.join(code)
    redis.script_flush()
    assert gus.say(code, "hello").status_code == 201
    assert calls(redis)["eval"] >= 1
    assert int(gus.say(code, "once more").headers["RateLimit-Remaining"]) == 28


def test_an_empty_file_field_touches_no_disk(app: Flask, gus: Person, hana: Person) -> None:
    code = hana.open_room("Tea")
    gus.join(code)
    with app.app_context():
        incoming = incoming_folder()
    form = {"body": "hello", "client_id": "one", "files": (BytesIO(b""), "", "application/octet-stream")}
    answer = gus.post(f"/rooms/{code}/messages", data=form, content_type="multipart/form-data")
    assert answer.status_code == 303
    assert not incoming.exists()
    picture = {"body": "hello", "client_id": "two", "files": (BytesIO(b"no picture"), "a.gif", "image/gif")}
    gus.post(f"/rooms/{code}/messages", data=picture, content_type="multipart/form-data")
    assert incoming.exists(), "a file would have come through it"


def test_stream_and_reply_send_one_drawing(app: Flask) -> None:
    message = Message(
        seq=1,
        author_name="HappyPanda7",
        author_tag="abc",
        author_is_verified=False,
        body="hello",
        created_at=clock.now(),
    )
    entry = LogEntry(1, EventKind.MESSAGE, message, "ABCDEF")
    with app.app_context():
        first = render_entry(entry)
        assert render_entry(entry) is first


@pytest.mark.parametrize(
    ("name", "spaced", "letters"),
    [
        ("HappyPanda123", "Happy Panda 123", "HP"),
        ("Panda7", "Panda 7", "P"),
        ("mia", "mia", "M"),
        ("élan", "élan", "É"),
        ("", "", ""),
    ],
)
def test_a_name_is_drawn_by_its_words(name: str, spaced: str, letters: str) -> None:
    assert (drawn_names.spaced(name), drawn_names.initials(name)) == (spaced, letters)
    assert drawn_names.breakable(name).replace("<wbr>", "") == name
    assert [drawn_names.tint(tag) for tag in ("0", "a9", "f", "", None, "-")] == [1, 4, 4, 1, 1, 0]


def test_a_name_is_drawn_as_tiles_and_read_digit_by_digit() -> None:
    assert drawn_names.spoken("HappyPanda123") == "Happy Panda 1 2 3"
    tile = '<span class="dice-tile">{}</span>'.format
    assert drawn_names.tiles("HappyPanda123") == (
        tile("Happy") + tile("Panda") + '<span class="dice-tile dice-tile-number">123</span>'
    )
    assert drawn_names.tiles("<b>") == tile("&lt;b&gt;")


def test_a_line_breaks_a_name_between_its_words() -> None:
    assert drawn_names.breakable("HappyPanda123") == "Happy<wbr>Panda<wbr>123"
    assert drawn_names.breakable("<b>Panda") == "&lt;b&gt;<wbr>Panda"
