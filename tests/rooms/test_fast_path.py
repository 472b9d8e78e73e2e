"""The fast path of a message: it answers as the long way does, and leaves to it whatever is not plain."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, request_started
from sqlalchemy import event, select, update

from chatpop.core import clock, limits, tallies
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity.bans import Ban
from chatpop.identity.models import Session, User
from chatpop.rooms.live import live
from chatpop.rooms.models import BODY_LIMIT, Message
from chatpop.rooms.views.fast_path import middleware, sent
from tests.accounts.acts import make_member
from tests.conftest import both_databases
from tests.rooms.moderation.conftest import Scene
from tests.rooms.moderation.conftest import scene as scene
from tests.support.people import Answer, Person
from tests.support.rows import row_counts

OF_ONE_REQUEST = {"X-Request-ID", "RateLimit-Remaining", "RateLimit-Reset"}
"""Headers that differ between two equal messages."""


def write(someone: Person, code: str, body: str = "hello", client_id: str = "one", **more: Any) -> Answer:
    """As the room's page does."""
    form = {"client_id": client_id, "reply_to": "", "body": body, **more.pop("form", {})}
    return someone.post(f"/rooms/{code}/messages", htmx=True, data=form, **more)


@pytest.fixture
def long_ways(app: Flask) -> Iterator[list[str]]:
    """The paths of the requests that have come to Flask."""
    seen: list[str] = []

    def note(_app: Flask, **_: object) -> None:
        from flask import request

        seen.append(request.path)

    with request_started.connected_to(note, app):
        yield seen


@contextmanager
def only_the_long_way(patch: pytest.MonkeyPatch) -> Iterator[None]:
    with patch.context() as inner:
        inner.setattr(sent, "is_candidate", lambda _environ: False)
        yield


def told(answer: Answer) -> tuple[int, dict[str, str], str]:
    """What is to be equal of an answer."""
    headers = {name: value for name, value in answer.headers.items() if name not in OF_ONE_REQUEST}
    headers["Vary"] = ", ".join(sorted(headers["Vary"].split(", ")))
    body = gzip.decompress(answer.data) if headers.get("Content-Encoding") == "gzip" else answer.data
    if "Content-Encoding" in headers:
        del headers["Content-Length"]  # of two moments
    text = re.sub(r"<time .*?</time>", "", body.decode())
    return answer.status_code, headers, re.sub(r'(message-|data-seq="|/messages/)\d+', r"\1N", text)


def stored(app: Flask, client_id: str) -> dict[str, Any]:
    """The row, without what no two rows share."""
    with app.app_context():
        row = db.session.execute(select(Message.__table__).where(Message.client_id == client_id)).one()._asdict()
    return {name: value for name, value in row.items() if name not in {"id", "seq", "client_id", "created_at"}}


def line(text: str) -> dict[str, Any]:
    """The one line of the log, without what no two requests share."""
    found = [entry for entry in map(json.loads, text.splitlines()) if entry["event"] == "request"]
    assert len(found) == 1, text
    return {name: value for name, value in found[0].items() if name not in {"ms", "request_id", "timestamp"}}


CASES: dict[str, dict[str, Any]] = {
    "plain": {},
    "markup and a link": {"body": "**bold** `code`\r\n* one\n* two <b> https://example.org/?a=1&b=2"},
    "packed": {"body": "many words " * 300, "headers": {"Accept-Encoding": "gzip, br"}},
    "too short to pack": {"headers": {"Accept-Encoding": "gzip"}},
    "packing refused": {"body": "many words " * 300, "headers": {"Accept-Encoding": "gzip;q=0, identity"}},
    "German": {"headers": {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}},
    "no language of ours": {"headers": {"Accept-Language": "tlh, *;q=0.1"}},
    "a charset": {"headers": {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}},
    "letters of many scripts": {"body": "šđ \u0645\u0631\u062d\u0628\u0627 \U0001f3b2 \ud55c \x07 +%&="},
}


@both_databases
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("is_member", [False, True])
def test_both_ways_answer_store_and_log_alike(
    app: Flask,
    gus: Person,
    hana: Person,
    long_ways: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    case: str,
    is_member: bool,
) -> None:
    code = hana.open_room()
    author = make_member(gus, "Ada-Lake", "ada@example.com") if is_member else gus
    author.join(code, "Ada-Lake" if is_member else None)
    more = {**CASES[case]}
    body, headers = more.pop("body", "hello"), more.pop("headers", {})
    long_ways.clear()
    capsys.readouterr()
    fast = write(author, code, body, "fast", headers=headers)
    fast_line = line(capsys.readouterr().err)
    assert long_ways == []
    with only_the_long_way(monkeypatch):
        slow = write(author, code, body, "slow", headers=headers)
    assert long_ways == [f"/rooms/{code}/messages"]
    assert told(fast) == told(slow)
    assert stored(app, "fast") == stored(app, "slow")
    assert fast_line == line(capsys.readouterr().err)
    assert int(fast.headers["RateLimit-Remaining"]) == int(slow.headers["RateLimit-Remaining"]) + 1
    assert fast.headers["X-Request-ID"] != slow.headers["X-Request-ID"]


def test_both_ways_count_alike_over_https_behind_a_proxy(
    make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(TRUSTED_PROXIES="1", HOSTS="localhost")
    hana, gus = Person(app), Person(app)
    proxied = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "X-Request-ID": "from-the-proxy-1"}
    code = hana.open_room()
    gus.client.post(f"/api/chats/{code}/join/", json={"username": gus.roll(code)})
    rolled = gus.post(f"/api/chats/{code}/suggest-username/", json={}, headers=proxied).json["username"]
    joined = gus.post(f"/api/chats/{code}/join/", json={"username": rolled}, headers=proxied)
    pairs = [header.split(";")[0] for header in joined.headers.getlist("Set-Cookie")]
    cookies = {"Cookie": "; ".join(pair for pair in pairs if pair.startswith("__Host-"))}
    assert "__Host-chatpop_access" in cookies["Cookie"]
    answers, counts = [], []
    for way in ("fast", "slow"):
        tallies.forget()
        if way == "slow":
            monkeypatch.setattr(sent, "is_candidate", lambda _environ: False)
        sending = {**proxied, **cookies, "Sec-Fetch-Site": "same-origin", "HX-Request": "true"}
        form = {"client_id": way, "body": "hello"}
        options: dict[str, Any] = {"environ_overrides": {"REMOTE_ADDR": "127.0.0.1"}, "headers": sending}
        answers.append(app.test_client(use_cookies=False).post(f"/rooms/{code}/messages", data=form, **options))
        counts.append(({key: n for key, n in tallies._counts.items() if "seconds" not in key}, tallies._peaks))
    assert told(answers[0]) == told(answers[1])  # type: ignore[arg-type]
    assert answers[0].status_code == 201
    assert "Strict-Transport-Security" in answers[0].headers
    assert [answer.headers["X-Request-ID"] for answer in answers] == ["from-the-proxy-1"] * 2
    assert counts[0][0].keys() == counts[1][0].keys()
    assert list(counts[0][1]) == list(counts[1][1])


@both_databases
def test_it_is_one_read_and_two_writes(app: Flask, gus: Person, hana: Person) -> None:
    code = hana.open_room()
    gus.join(code)
    write(gus, code, client_id="first")
    asked: list[str] = []
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda *call: asked.append(str(call[2])))
    assert write(gus, code, client_id="second").status_code == 201
    verbs = [text.split()[0] for text in asked if "FROM settings" not in text]
    assert [verb for verb in verbs if verb != "BEGIN"] == ["SELECT", "UPDATE", "INSERT"]


Change = Callable[[Scene, pytest.MonkeyPatch], dict[str, Any]]


def nothing(**sending: Any) -> Change:
    """Another request, with the same standing."""
    return lambda _scene, _patch: sending


def muted(scene: Scene, _patch: pytest.MonkeyPatch) -> dict[str, Any]:
    scene.mod.post(scene.person(scene.gus, "/mute"), data={"length": "1h"})
    return {}


def banned(scene: Scene, _patch: pytest.MonkeyPatch) -> dict[str, Any]:
    scene.hana.post(scene.person(scene.gus, "/ban"), data={"length": "1d"})
    return {}


def banned_from_the_site(kind: str) -> Change:
    """By what only the site's admins ban; the place in the room stays."""

    def change(scene: Scene, _patch: pytest.MonkeyPatch) -> dict[str, Any]:
        with scene.app.app_context(), transaction() as session:
            user = session.scalars(select(User).where(User.username == scene.name(scene.gus))).one()
            value = {"user_id": user.id, "fingerprint_hash": user.fingerprint_hash, "network": "127.0.0.1"}[kind]
            session.add(Ban(**{kind: value}, shown_name="X", placed_at=clock.now()))
        return {}

    return change


def slow_mode(scene: Scene, _patch: pytest.MonkeyPatch) -> dict[str, Any]:
    scene.hana.post(scene.path("/slow-mode"), data={"seconds": "30"})
    write(scene.gus, scene.code, client_id="the one that is allowed")
    return {}


def closed(scene: Scene, _patch: pytest.MonkeyPatch) -> dict[str, Any]:
    scene.hana.post(scene.path("/closure"))
    return {}


def gone(scene: Scene, _patch: pytest.MonkeyPatch) -> dict[str, Any]:
    scene.gus.post(scene.path("/departure"))
    return {}


def of_account(**values: Any) -> Change:
    def change(scene: Scene, _patch: pytest.MonkeyPatch) -> dict[str, Any]:
        with scene.app.app_context(), transaction() as session:
            session.execute(update(User).where(User.username == scene.name(scene.gus)).values(**values))
        return {}

    return change


def ended(scene: Scene, _patch: pytest.MonkeyPatch) -> dict[str, Any]:
    with scene.app.app_context(), transaction() as session:
        session.execute(update(Session).values(revoked_at=clock.now()))
    return _only_access(scene)


def raised_epoch(scene: Scene, _patch: pytest.MonkeyPatch) -> dict[str, Any]:
    with scene.app.app_context(), transaction() as session:
        session.execute(update(User).values(epoch=User.epoch + 1))
    return _only_access(scene)


def _only_access(scene: Scene) -> dict[str, Any]:
    scene.gus.client.delete_cookie("chatpop_refresh")
    scene.gus.client.delete_cookie("chatpop_device")
    return {}


def without_cookies(scene: Scene, _patch: pytest.MonkeyPatch) -> dict[str, Any]:
    for kind in ("access", "refresh", "device"):
        scene.gus.client.delete_cookie(f"chatpop_{kind}")
    return {}


def used_up(scene: Scene, _patch: pytest.MonkeyPatch) -> dict[str, Any]:
    for number in range(40):
        write(scene.gus, scene.code, client_id=f"earlier {number}")
    return {}


REFUSED: dict[str, tuple[Change, int]] = {
    "muted": (muted, 403),
    "banned": (banned, 403),
    "banned from the site": (banned_from_the_site("user_id"), 403),
    "a banned device": (banned_from_the_site("fingerprint_hash"), 403),
    "a banned network": (banned_from_the_site("network"), 403),
    "slow mode": (slow_mode, 429),
    "closed to guests": (closed, 403),
    "no place in the room": (gone, 403),
    "disabled": (of_account(is_disabled=True), 403),
    "session ended": (ended, 401),
    "everything issued before ended": (raised_epoch, 401),
    "limit used up": (used_up, 429),
    "empty": (nothing(body="  "), 422),
    "too long": (nothing(body="x" * (BODY_LIMIT + 1)), 422),
    "client id too long": (nothing(client_id="x" * 65), 400),
    "client id not printable": (nothing(client_id="a\x00b"), 400),
    "another site": (nothing(headers={"Sec-Fetch-Site": "cross-site"}), 403),
    "a sibling site": (nothing(headers={"Sec-Fetch-Site": "same-site"}), 403),
    "a foreign token": (nothing(form={"csrf_token": "none of ours"}), 400),
    "a foreign token above": (nothing(headers={"X-CSRF-Token": "none of ours"}), 400),
    "reply to nothing": (nothing(form={"reply_to": "77"}), 422),
    "reply to no number": (nothing(form={"reply_to": "x"}), 400),
    "no such file": (nothing(form={"attachments": "aaaaaaaaaaaaaaaa"}), 422),
    "no cookie": (without_cookies, 401),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_is_refused_by_the_long_way(
    scene: Scene, long_ways: list[str], monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    assert write(scene.gus, scene.code, client_id="a plain one").status_code == 201
    change, status = REFUSED[case]
    sending = change(scene, monkeypatch)
    before = row_counts(scene.app)["messages"]
    long_ways.clear()
    answer = write(scene.gus, scene.code, **{"client_id": "refused", **sending})
    assert (answer.status_code, long_ways) == (status, [scene.path("/messages")]), answer.text
    assert row_counts(scene.app)["messages"] == before


def unseen(scene: Scene, patch: pytest.MonkeyPatch) -> dict[str, Any]:
    later = clock.now() + timedelta(minutes=2)
    patch.setattr(clock, "now", lambda: later)
    return {}


TAKEN: dict[str, tuple[Change, int]] = {
    "sent before": (nothing(client_id="a plain one"), 200),
    "a reply": (nothing(form={"reply_to": "1"}), 201),
    "a mention": (nothing(body="hello @somebody"), 201),
    "not seen for a minute": (unseen, 201),
    "without a client id": (nothing(client_id=""), 201),
    "a field twice": (nothing(form={"body": ["one", "two"]}), 201),
    "letters that are no UTF-8": (
        nothing(form=None, headers={"Content-Type": "application/x-www-form-urlencoded"}, raw=b"client_id=9&body=%ff"),
        201,
    ),
    "a page without scripts": (nothing(headers={"HX-Request": None}), 303),
    "a part to fill the page": (nothing(headers={"HX-Boosted": "true"}), 303),
    "a form of a file": (nothing(headers={"Content-Type": "multipart/form-data"}), 201),
}


@pytest.mark.parametrize("case", TAKEN)
def test_what_is_not_plain_is_carried_out_by_the_long_way(
    scene: Scene, long_ways: list[str], monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    assert write(scene.gus, scene.code, client_id="a plain one").status_code == 201
    change, status = TAKEN[case]
    sending = {"client_id": "two", **change(scene, monkeypatch)}
    long_ways.clear()
    if "raw" in sending:
        headers = sending["headers"]
        answer = scene.gus.post(scene.path("/messages"), htmx=True, data=sending["raw"], headers=headers)
    else:
        answer = write(scene.gus, scene.code, **sending)
    assert (answer.status_code, long_ways) == (status, [scene.path("/messages")]), answer.text


def test_a_code_in_small_letters_is_read_by_the_long_way(scene: Scene, long_ways: list[str]) -> None:
    assert write(scene.gus, scene.code.lower()).status_code == 201
    assert long_ways == [f"/rooms/{scene.code.lower()}/messages"]


def test_another_host_is_refused_as_ever(make_app: Callable[..., Flask]) -> None:
    app = make_app(HOSTS="localhost")
    hana, gus = Person(app), Person(app)
    code = hana.open_room()
    gus.join(code)
    assert write(gus, code).status_code == 201
    cookies = {"Cookie": f"chatpop_access={gus.cookie('access')}", "Host": "example.org"}
    stranger = Person(app)
    stranger.client = app.test_client(use_cookies=False)
    assert write(stranger, code, client_id="two", headers={**cookies, "Host": "localhost"}).status_code == 201
    assert write(stranger, code, client_id="three", headers=cookies).status_code == 400


@both_databases
def test_the_same_message_many_times_at_once_is_stored_once(app: Flask, gus: Person, hana: Person) -> None:
    code = hana.open_room()
    gus.join(code)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: write(gus, code), range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert row_counts(app)["messages"] == 1


def test_sending_again_is_not_charged(scene: Scene) -> None:
    first, again = (write(scene.gus, scene.code) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert int(write(scene.gus, scene.code, client_id="two").headers["RateLimit-Remaining"]) == (
        int(first.headers["RateLimit-Remaining"]) - 1
    )
    assert "RateLimit-Remaining" not in again.headers


def test_a_fault_after_the_storing_loses_and_doubles_nothing(
    scene: Scene, long_ways: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> str:
        raise RuntimeError("a fault of this test")

    long_ways.clear()
    monkeypatch.setattr(middleware, "render_entry", fail)
    answer = write(scene.gus, scene.code)
    assert (answer.status_code, long_ways) == (200, [scene.path("/messages")])
    assert row_counts(scene.app)["messages"] == 1


def test_everybody_in_the_room_hears_it(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[int, str]] = []
    monkeypatch.setattr(live, "announce", lambda _room_id, seq, kind, _entry: heard.append((seq, kind)))
    write(scene.gus, scene.code)
    assert heard == [(1, "message")]


def test_without_redis_the_process_counts_a_quarter(
    scene: Scene, long_ways: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from redis.exceptions import ConnectionError as RedisAway

    def away(*_: object) -> None:
        raise RedisAway

    monkeypatch.setattr(limits, "_run", away)
    long_ways.clear()
    answers = [write(scene.gus, scene.code, client_id=str(number)).status_code for number in range(9)]
    assert answers == [201] * 7 + [429] * 2
    assert len(long_ways) == 2
