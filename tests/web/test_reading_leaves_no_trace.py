"""Reading makes no row and sets no identity cookie (threat rows 17 and 18)."""

from __future__ import annotations

import re
from collections import deque

from flask import Flask

from tests.conftest import both_databases
from tests.support.people import Person
from tests.support.rows import row_counts

IDENTITY = ("access", "refresh", "device", "visitor")
_LINK = re.compile(r'(?:href|src|hx-get|action)="(/[^"#]*)"')


@both_databases
def test_a_crawl_of_every_get_route_changes_nothing(app: Flask, hana: Person, oto: Person) -> None:
    code = hana.open_room()
    for number in range(60):
        if hana.say(code, f"line {number}").status_code == 429:
            break
    before = row_counts(app)
    routes = [
        rule.rule.replace("<code>", code).replace("<digest>/<name>", "x/y")
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or set()) and "stream" not in rule.rule
    ]
    queue, seen = deque([*routes, "/"]), set[str]()
    while queue:
        path = queue.popleft().replace("&amp;", "&")
        if path in seen or "/stream" in path:
            continue
        seen.add(path)
        for htmx in (False, True):
            answer = oto.get(path, htmx=htmx)
            assert answer.status_code < 500 or path == "/readyz", path
            cookies = answer.headers.getlist("Set-Cookie")
            assert not [cookie for cookie in cookies if any(kind in cookie for kind in IDENTITY)], path
            assert not cookies or "no-store" in answer.headers["Cache-Control"]
            queue.extend(_LINK.findall(answer.text) if "html" in answer.content_type else [])
    assert len(seen) > 12
    assert row_counts(app) == before


def test_every_page_has_one_heading_a_title_and_the_strict_policy(app: Flask, hana: Person, oto: Person) -> None:
    code = hana.open_room()
    for path in ("/", "/rooms/new", f"/rooms/{code}", f"/rooms/{code}/join", "/rooms/XXXXXX", "/nowhere"):
        answer = oto.get(path)
        assert answer.text.count("<h1") == 1, path
        title = re.search(r"<title>([^<]+)</title>", answer.text)
        assert title, path
        assert title.group(1).strip(), path
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_page_with_cookies_is_never_stored(app: Flask, hana: Person, gus: Person) -> None:
    code = hana.open_room()
    answer = gus.post(f"/rooms/{code}/dice-rolls", htmx=True)
    assert "chatpop_visitor" in answer.headers["Set-Cookie"]
    assert "no-store" in answer.headers["Cache-Control"]
    assert all("HttpOnly" in cookie and "SameSite=Lax" in cookie for cookie in answer.headers.getlist("Set-Cookie"))
