"""Where ``next`` may lead: pages of ours, whatever is sent."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chatpop.web.redirects import own_path

HERE = "http://localhost/login"
PIECES = """/ // \\ .. . @ : ? # %2f %5c %09 evil.example https: javascript: localhost rooms account ABC234 new
[ ] ／ 。 ı"""
SIGNS = [*PIECES.split(), "\t", "\n", "\r", "\x00", " "]


@pytest.fixture
def asked(app: Flask) -> Iterator[None]:
    """Some request of the site's."""
    with app.test_request_context():
        yield


def where_a_browser_goes(target: str) -> str:
    """As the WHATWG parser does it: tabs and line ends dropped, blanks at the ends cut, backslashes are slashes."""
    cleaned = target.strip("".join(map(chr, range(33))))
    cleaned = "".join(char for char in cleaned if char not in "\t\n\r")
    head, mark, query = cleaned.partition("?")
    return urljoin(HERE, head.replace("\\", "/") + mark + query)


@pytest.mark.parametrize(
    "target", ["/", "/account", "/rooms/ABC234?before=3", "/register?username=x%20y", "/rooms/new#top"]
)
def test_pages_of_ours_are_let_through(app: Flask, target: str) -> None:
    with app.test_request_context():
        assert own_path(target) == target


@pytest.mark.parametrize("target", [None, "", "account", "/nowhere", "/logout/everywhere", "/rooms", "/account/name"])
def test_what_is_no_page_is_not(app: Flask, target: str | None) -> None:
    with app.test_request_context():
        assert own_path(target) is None


@settings(max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.lists(st.sampled_from(SIGNS), max_size=8).map("".join), st.text(max_size=40).map("/".__add__)))
@example("//evil.example")
@example("/\\evil.example")
@example("/\t/evil.example")
@example("/%09/evil.example")
@example("/..//evil.example")
@example("/rooms/..//evil.example")
@example("/[")
def test_nothing_leads_to_another_host(asked: None, target: str) -> None:
    allowed = own_path(target)
    if allowed is not None:
        found = urlsplit(where_a_browser_goes(allowed))
        assert (found.scheme, found.netloc) == ("http", "localhost")
