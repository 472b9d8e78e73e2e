"""Whatever a client sends, the answer is a clear 4xx, never a 5xx, and nothing is half written."""

from __future__ import annotations

import itertools
import re
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.support.people import Person
from tests.support.rows import row_counts

PARTS = ["1", "../../etc/passwd", "%00", "🎲", "x" * 300, "-1", "9" * 40, "ABC234", "' OR 1=1 --", "{{7*7}}"]
BODIES: list[dict[str, Any]] = [
    {"data": b"", "content_type": "application/json"},
    {"data": b"{", "content_type": "application/json"},
    {"data": b"[]", "content_type": "application/json"},
    {"data": b"null", "content_type": "application/json"},
    {"data": b'"text"', "content_type": "application/json"},
    {"data": b'{"username": 7, "body": [], "fingerprint": {}}', "content_type": "application/json"},
    {"data": b'{"username": null, "body": null}', "content_type": "application/json"},
    {"data": b'{"username": "a\\u0000b", "body": "a\\u0000b"}', "content_type": "application/json"},
    {"data": b'{"username": "\\ud800", "body": "\\ud800"}', "content_type": "application/json"},
    {"data": b'{"username": "\xff\xfe"}', "content_type": "application/json"},
    {"data": b"[" * 5_000, "content_type": "application/json"},
    {"data": b'{"body": ' + b"9" * 5_000 + b"}", "content_type": "application/json"},
    {"data": b"\xff\xfe\x00", "content_type": "application/x-www-form-urlencoded"},
    {"data": b"username=%ff%fe&body=%00&name=%00&code=%00", "content_type": "application/x-www-form-urlencoded"},
    {"data": b"code=%ED%A0%80&username=%ED%A0%80", "content_type": "application/x-www-form-urlencoded"},
    {"data": b"&".join(b"a%d=1" % n for n in range(2_000)), "content_type": "application/x-www-form-urlencoded"},
    {"data": b"--x\r\nbroken", "content_type": "multipart/form-data; boundary=x"},
    {"data": b"broken", "content_type": "multipart/form-data"},
    {"data": b"<xml/>", "content_type": "text/xml"},
    {"data": b"x" * 600_000, "content_type": "application/x-www-form-urlencoded"},
    {"data": b"x" * 600_000, "content_type": "application/json"},
]
QUERIES = ["?before=x", "?after=-5", "?before=" + "9" * 30, "?mode=%00", "?invite=%00", "?code=%00"]
BODILESS = (
    "/rooms/<code>/departure",
    "/rooms/<code>/typing",
    "/rooms/<code>/class-passes",
    "/rooms/<code>/messages/<seq>/pin",
    "/rooms/<code>/messages/<seq>/pin/end",
    "/rooms/<code>/closure",
    "/rooms/<code>/closure/end",
    "/rooms/<code>/export",
    "/logout",
    "/logout/everywhere",
    "/resume-codes",
    "/handovers",
    "/passkeys/offers",
    "/passkeys/questions",
    "/account/devices/forgetting",
    "/account/exports",
)
"""Writes that need no body; they are tested on their own."""
HEADERS = [
    {},
    {"HX-Request": "true"},
    {"Accept": "application/json"},
    {"Cookie": "chatpop_access=a.b.c; chatpop_refresh=x; chatpop_device=y; chatpop_visitor=z"},
    {"Cookie": "chatpop_access=1; chatpop_access=2; \x00=1"},
    {"Last-Event-ID": "-1"},
    {"X-CSRF-Token": "🎲".encode().decode("latin-1")},
    {"Accept": "\x7f", "Accept-Encoding": "\xff", "Accept-Language": "\xff" * 900, "User-Agent": "\xff" * 5000},
]


def addresses(rule: Rule, code: str) -> list[str]:
    """A route's address with the real code and with each hostile part."""
    names = re.findall(r"<(?:[a-z]+:)?([a-z_]+)>", rule.rule)
    if not names:
        return [rule.rule]
    found = []
    for part in [code, *PARTS]:
        path = rule.rule
        for name in names:
            path = re.sub(rf"<(?:[a-z]+:)?{name}>", part if name != "code" or part != "1" else code, path)
        found.append(path)
    return found


def test_every_route_answers_every_method_without_a_fault(app: Flask, hana: Person, oto: Person) -> None:
    code = hana.open_room()
    before = row_counts(app)
    for rule in app.url_map.iter_rules():
        for path, method in itertools.product(addresses(rule, code), ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")):
            answer = oto.client.open(path, method=method, headers={"Sec-Fetch-Site": "same-origin"})
            assert answer.status_code < 500, (method, path, answer.status_code)
    assert row_counts(app) == before


@pytest.mark.parametrize("body", BODIES, ids=lambda body: str(body["data"])[:40])
def test_every_write_survives_every_body(app: Flask, hana: Person, oto: Person, body: dict[str, Any]) -> None:
    code = hana.open_room()
    hana.say(code, "one")
    before = row_counts(app)
    for place, rule in enumerate(app.url_map.iter_rules(), BODIES.index(body)):
        if "POST" not in (rule.methods or set()) or rule.rule in BODILESS or "deletion" in rule.rule:
            continue
        path = rule.rule.replace("<code>", code).replace("<seq>", "1")
        for someone in (oto, hana) if place % 3 == 0 else (hana,):  # each route meets both, over all bodies
            answer = someone.post(path, **body)
            assert answer.status_code < 500, (path, answer.status_code, answer.text[:300])
            if answer.status_code >= 400 and answer.is_json:
                assert answer.json.get("error") or answer.json["detail"]
    after = row_counts(app)
    assert {table: after[table] - before[table] for table in after if after[table] != before[table]} == {}


@pytest.mark.parametrize("headers", HEADERS, ids=lambda headers: str(headers)[:40])
def test_every_page_survives_every_header(app: Flask, hana: Person, headers: dict[str, str]) -> None:
    code = hana.open_room()
    for place, rule in enumerate(app.url_map.iter_rules(), HEADERS.index(headers)):
        if "GET" not in (rule.methods or set()) or "stream" in rule.rule:
            continue
        for path in addresses(rule, code):
            for query in ("", QUERIES[place % len(QUERIES)]):  # each route meets all, over all headers
                answer = Person(app).get(path + query, headers=headers)
                assert answer.status_code != 500, (path, query)
                if rule.rule != "/readyz":
                    assert answer.status_code < 500, (path, query, answer.status_code)


def test_bytes_that_are_no_text_stay_percent_encoded(hana: Person, oto: Person) -> None:
    code = hana.open_room()
    form = {"data": b"body=%ED%A0%80caf%E9", "content_type": "application/x-www-form-urlencoded"}
    assert hana.post(f"/rooms/{code}/messages", htmx=True, **form).status_code == 201
    assert "%ED%A0%80caf%E9" in oto.get(f"/rooms/{code}").text


def test_bad_numbers_at_the_stream_are_refused(app: Flask, hana: Person) -> None:
    code = hana.open_room()
    for bad in ("-1", "x", "1.5", "9" * 30, "１"):
        assert hana.get(f"/rooms/{code}/stream?after={bad}").status_code == 400
    answer = hana.get(f"/rooms/{code}/stream", headers={"Last-Event-ID": "nonsense"})
    assert answer.status_code == 400


def test_foreign_hosts_are_refused(app: Flask) -> None:
    for host in ("evil.example", "localhost.evil.example", "127.0.0.1.evil"):
        answer = Person(app).client.get("/", headers={"Host": host, "X-Forwarded-Host": "localhost"})
        assert answer.status_code == 400
        assert host not in answer.text


def test_unknown_rooms_are_404_in_every_form(oto: Person) -> None:
    page = oto.get("/rooms/XXXXXX")
    assert (page.status_code, "<html" in page.text) == (404, True)
    fragment = oto.get("/rooms/XXXXXX", htmx=True)
    assert (fragment.status_code, "<html" in fragment.text) == (404, False)
    call = oto.post("/api/chats/XXXXXX/suggest-username/", json={})
    assert (call.status_code, call.json["code"]) == (404, "room_not_found")
    assert oto.post("/api/chats/XXXXXX/join/", json={"username": "x"}).status_code == 404


def test_wrong_methods_are_405_and_name_the_right_ones(hana: Person, oto: Person) -> None:
    code = hana.open_room()
    answer = oto.get(f"/api/chats/{code}/join/")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_a_body_too_large_is_413(hana: Person) -> None:
    code = hana.open_room()
    answer = hana.post(f"/rooms/{code}/messages", data={"body": "x" * 400_000})
    assert answer.status_code == 413
