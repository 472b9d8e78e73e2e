"""What fuzzing has found once, as plain cases."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask

from tests.support.people import Person
from tests.support.rows import row_counts
from tests.support.valkey import RunningValkey

NUMBER = re.compile(r"<int:[a-z_]+>")
PART = re.compile(r"<[a-z_]+>")


@pytest.mark.parametrize("number", [str(2**63), "9" * 40])
def test_a_number_that_no_row_can_have_is_404_wherever_one_is_asked_for(
    app: Flask, ada: Person, hana: Person, number: str
) -> None:
    code = hana.open_room()
    before = row_counts(app)
    rules = [rule for rule in app.url_map.iter_rules() if "<int:" in rule.rule and "rq_dashboard" not in rule.endpoint]
    assert len(rules) > 20
    for rule in rules:
        path = PART.sub("1", NUMBER.sub(number, rule.rule).replace("<code>", code))
        someone = ada if path.startswith("/admin") else hana
        answer = someone.post(path) if "POST" in (rule.methods or set()) else someone.get(path)
        assert answer.status_code in (404, 405), path
    assert row_counts(app) == before


@pytest.mark.parametrize("database_kind", ["postgres"], indirect=True)
def test_a_nul_in_an_address_is_404(app: Flask, ada: Person, hana: Person) -> None:
    """PostgreSQL has no such text; SQLite would look for one."""
    code = hana.open_room()
    for rule in app.url_map.iter_rules():
        if "<" in rule.rule and "stream" not in rule.rule and "rq_dashboard" not in rule.endpoint:
            path = re.sub(r"<[^>]+>", "a%00b", NUMBER.sub("0", rule.rule).replace("<code>", code))
            if "%00" not in path:
                continue
            someone = ada if path.startswith("/admin") else hana
            answer = someone.get(path) if "GET" in (rule.methods or set()) else someone.post(path)
            assert answer.status_code < 500, (path, answer.status_code)
            answer.close()


@pytest.fixture
def away(valkey: RunningValkey) -> Iterator[RunningValkey]:
    yield valkey
    valkey.stop()
    valkey.start()


def test_every_503_says_when_to_come_back_also_where_a_page_shows_it(
    app: Flask, ada: Person, hana: Person, away: RunningValkey
) -> None:
    hana.open_room()
    away.stop()
    refused = ada.post("/admin/people/1/rerolls")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")


@pytest.mark.slow
@pytest.mark.parametrize("database_kind", ["postgres"], indirect=True)
def test_a_nul_in_any_field_or_query_is_no_fault(app: Flask, hana: Person, mia: Person) -> None:
    code = hana.open_room()
    names = [
        "username",
        "email",
        "password",
        "body",
        "name",
        "topic",
        "code",
        "reason",
        "tag",
        "client_id",
        "q",
        "value",
    ]
    sent = dict.fromkeys(names, "a\x00b")
    paths = [PART.sub("1", NUMBER.sub("1", rule.rule).replace("<code>", code)) for rule in app.url_map.iter_rules()]
    for path in sorted(set(paths) - {"/logout", "/logout/everywhere"}):
        if "stream" not in path:
            for answer in (mia.post(path, data=sent), mia.post(path, json=sent), mia.get(path, query_string=sent)):
                assert answer.status_code < 500 or path == "/readyz", path
                answer.close()
