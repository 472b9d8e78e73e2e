"""No page of another site can make a browser write here (threat row 45)."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from tests.support.people import Person
from tests.support.rows import row_counts

SAFE = {"GET", "HEAD", "OPTIONS"}
FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": None, "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": None, "Origin": "null"},
    {"Sec-Fetch-Site": None, "Origin": "http://localhost:1"},
    {"Sec-Fetch-Site": None},
]


def unsafe_paths(app: Flask, code: str) -> list[str]:
    """One address for each unsafe route of the site."""
    values = {"code": code, "seq": "1"}
    paths = []
    for rule in app.url_map.iter_rules():
        if getattr(app.view_functions[rule.endpoint], "csrf_exempt", False):
            continue  # reads bearers only, which no other site can make a browser send
        if (rule.methods or set()) - SAFE and "POST" in (rule.methods or set()):
            paths.append(re.sub(r"<(?:[a-z]+:)?([a-z_]+)>", lambda found: values.get(found.group(1), "1"), rule.rule))
    return paths


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_a_foreign_request_changes_nothing_on_any_route(
    app: Flask, hana: Person, oto: Person, headers: dict[str, str | None]
) -> None:
    code = hana.open_room()
    hana.say(code, "here")
    before = row_counts(app)
    paths = unsafe_paths(app, code)
    assert len(paths) >= 7
    for path in paths:
        for someone in (hana, oto):
            answer = someone.post(path, data={"body": "x", "name": "y", "visibility": "public"}, headers=headers)
            assert answer.status_code == 403, path
            assert "another site" in answer.text
    assert row_counts(app) == before


def test_a_form_token_stands_in_where_the_browser_sends_no_header(hana: Person) -> None:
    token = hana.token("/rooms/new")
    sent = {"name": "Tea", "visibility": "public", "csrf_token": token}
    assert hana.post("/rooms", data=sent, headers={"Sec-Fetch-Site": None}).status_code == 303


def test_a_wrong_token_is_400_even_where_the_browser_vouches(hana: Person, app: Flask) -> None:
    before = row_counts(app)
    for wrong in ("x", "a.b.c", hana.token("/rooms/new")[:-2] + "zz", "\ud83d"):
        sent = {"name": "Tea", "visibility": "public", "csrf_token": wrong.encode("utf-8", "replace")}
        assert hana.post("/rooms", data=sent).status_code == 400
    assert row_counts(app) == before


def test_an_empty_token_counts_as_none(hana: Person) -> None:
    sent = {"name": "Tea", "visibility": "public", "csrf_token": ""}
    assert hana.post("/rooms", data=sent).status_code == 303


def test_a_token_of_another_account_is_no_proof(hana: Person, gus: Person) -> None:
    code = hana.open_room()
    gus.join(code)
    sent = {"body": "x", "csrf_token": gus.token(f"/rooms/{code}")}
    assert hana.post(f"/rooms/{code}/messages", data=sent, headers={"Sec-Fetch-Site": None}).status_code == 403


def test_json_without_headers_passes_because_no_form_can_send_it(hana: Person, gus: Person) -> None:
    code = hana.open_room()
    answer = gus.post(f"/api/chats/{code}/suggest-username/", json={}, headers={"Sec-Fetch-Site": None})
    assert answer.status_code == 200


def test_own_origin_passes_also_under_the_public_address(make_app) -> None:  # type: ignore[no-untyped-def]
    app = make_app(PUBLIC_URL="https://chat.example.org", TRUSTED_HOSTS="localhost,chat.example.org")
    hana = Person(app)
    sent = {"name": "Tea", "visibility": "public"}
    own = {"Sec-Fetch-Site": None, "Origin": "https://chat.example.org"}
    assert hana.post("/rooms", data=sent, headers=own).status_code == 303
