"""The sign that somebody is typing: who may give it, how often, and that nothing of it stays."""

from __future__ import annotations

from flask import Flask

from tests.rooms.test_ignores import tag_of
from tests.support.people import Person
from tests.support.rows import row_counts
from tests.support.valkey import RunningValkey


def type_in(someone: Person, code: str) -> int:
    return someone.post(f"/rooms/{code}/typing").status_code


def test_who_is_in_the_room_gives_a_sign_and_nothing_is_written(app: Flask, hana: Person, gus: Person) -> None:
    code = hana.open_room()
    gus.join(code)
    before = row_counts(app)
    assert type_in(gus, code) == 204
    assert row_counts(app) == before


def test_who_is_refused(hana: Person, gus: Person, oto: Person) -> None:
    code, private = hana.open_room(), hana.open_room("Secret", "private")
    assert oto.post(f"/rooms/{code}/typing", htmx=True).status_code == 401
    gus.open_room("Elsewhere")
    assert gus.post(f"/rooms/{code}/typing", htmx=True).status_code == 403
    assert type_in(gus, private) == 404
    gus.join(code)
    assert gus.post(f"/rooms/{code}/typing", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert gus.post(f"/rooms/{code}/typing", data={"csrf_token": "wrong"}).status_code == 400
    gus.say(code, "bring nothing")
    tag = tag_of(hana, code, "bring nothing")
    hana.post(f"/rooms/{code}/people/{tag}/mute", data={"length": "1h"})
    assert type_in(gus, code) == 403, "muted"
    hana.post(f"/rooms/{code}/bans", data={"tag": tag, "length": "1h"})
    assert type_in(gus, code) == 403, "banned"


def test_there_is_a_limit(hana: Person) -> None:
    code = hana.open_room()
    answers = [hana.post(f"/rooms/{code}/typing") for _ in range(31)]
    assert [answer.status_code for answer in answers] == [204] * 30 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_while_redis_is_away_it_is_silent(hana: Person, valkey: RunningValkey) -> None:
    code = hana.open_room()
    valkey.stop()
    try:
        assert type_in(hana, code) == 204
    finally:
        valkey.start()
