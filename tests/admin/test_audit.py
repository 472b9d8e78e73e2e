"""The audit trail: everything in its order, filtered, a page at a time."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from chatpop.core import clock
from chatpop.identity import audit_log
from tests.admin.acts import change, id_of
from tests.support.people import Person


@pytest.fixture
def busy(app: Flask, ada: Person, hana: Person, mia: Person) -> str:
    """A setting changed, hana disabled and enabled, a private room of hers visited. Returns the room's code."""
    code = hana.open_room("Secret", visibility="private")
    hana_id = id_of(app, hana)
    ada.post("/admin/settings/MAX_ROOMS_GUEST", data={"value": "5"})
    change(ada, "disable", hana_id, reason="rude")
    change(ada, "enable", hana_id)
    ada.post(f"/admin/rooms/{code}/visits")
    return code


def lines(admin: Person, **query: str) -> list[str]:
    page = admin.get("/admin/audit", query_string=query)
    assert page.status_code == 200
    return [line.split(":")[0] for line in re.findall(r'record-title">([^<]+)', page.text.partition('id="trail"')[2])]


def test_lines_and_setting_changes_stand_in_their_order(ada: Person, busy: str) -> None:
    assert lines(ada) == ["Room visited", "Account enabled", "Account disabled", "Setting changed"]
    page = ada.get("/admin/audit").text
    assert "reason: rude" in page
    assert "setting: MAX_ROOMS_GUEST; from: default; to: 5" in page


def test_the_trail_is_filtered(app: Flask, ada: Person, hana: Person, busy: str) -> None:
    assert lines(ada, action="account_disabled") == ["Account disabled"]
    assert lines(ada, action="setting_changed") == ["Setting changed"]
    assert lines(ada, room=busy) == ["Room visited"]
    assert lines(ada, room="ZZZZZZ") == []
    assert lines(ada, subject=str(hana.name).lower()) == ["Account enabled", "Account disabled"]
    assert lines(ada, subject=f"#{id_of(app, hana)}") == ["Account enabled", "Account disabled"]
    assert len(lines(ada, actor="ada")) == 4
    assert lines(ada, actor="%") == []
    today = clock.now().date()
    assert len(lines(ada, since=str(today), until=str(today))) == 4
    assert lines(ada, until=str(today - timedelta(days=1))) == []
    assert len(lines(ada, since="yesterday")) == 4, "what is no day is no filter"


def test_pages_hold_every_line_once(ada: Person, busy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_log, "PAGE_SIZE", 1)
    ada.post("/admin/settings/MAX_ROOMS_GUEST", data={"value": "6"})
    path, found = "/admin/audit?actor=Ada", []
    while path:
        page = ada.get(path).text
        found += re.findall(r'record-title">([^<:]+)', page.partition('id="trail"')[2])
        following = re.search(r'href="([^"]+)">Next page', page)
        path = following.group(1).replace("&amp;", "&") if following else ""
    assert found == ["Setting changed", "Room visited", "Account enabled", "Account disabled", "Setting changed"]


def test_nonsense_in_the_address_is_no_fault(ada: Person, busy: str) -> None:
    for query in ("after=x-y", "after=-", "endpoint=x&_anchor=y", "room=%F0%9F%92%A9"):
        assert ada.get(f"/admin/audit?{query}").status_code == 200
