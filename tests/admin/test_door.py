"""Every admin address refuses everybody but an admin with a fresh log-in."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from freezegun import freeze_time

from chatpop.core import clock
from tests.support.people import Person
from tests.support.rows import row_counts

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


def admin_addresses(app: Flask) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Method and path of every admin route; and the unsafe methods that no route takes at these paths."""
    taken = set()
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/admin"):
            path = re.sub(r"<any\((?:\"|')?([\w-]+)[^>]*>", r"\1", rule.rule)
            path = re.sub(r"<[^>]+>", "1", path)
            taken |= {(method, path) for method in (rule.methods or set()) - {"OPTIONS", "HEAD"}}
    untaken = {(method, path) for method in UNSAFE for _, path in taken} - taken
    return sorted(taken), sorted(untaken)


def refusal(someone: Person, method: str, path: str, *, htmx: bool = False) -> int:
    answer = someone.post(path, htmx=htmx) if method == "POST" else someone._open(method, path, htmx=htmx)
    if method == "GET" and answer.status_code == 303:
        assert "/login" in answer.headers["Location"]
    return answer.status_code


def test_visitors_guests_and_plain_members_are_refused_everywhere(
    app: Flask, oto: Person, hana: Person, mia: Person
) -> None:
    hana.open_room()
    before = row_counts(app)
    addresses, untaken = admin_addresses(app)
    assert len({path for _, path in addresses}) >= 25
    for part in ("people", "rooms", "reports", "uploads", "audit", "settings", "jobs", "sweep"):
        assert any(path.startswith(f"/admin/{part}") for _, path in addresses), part
    for method, path in addresses:
        for someone, page, fragment in ((oto, 303, 401), (hana, 403, 403), (mia, 403, 403)):
            assert refusal(someone, method, path) == page, (method, path, page)
            assert refusal(someone, method, path, htmx=True) == fragment, (method, path)
    for method, path in untaken:
        assert refusal(mia, method, path) in (403, 405), (method, path)
    assert row_counts(app) == before


def test_an_admin_whose_log_in_is_old_is_refused_everywhere(app: Flask, ada: Person, hana: Person) -> None:
    hana.open_room()
    before = row_counts(app)
    with freeze_time(clock.now() + timedelta(hours=3), tick=True):
        ada.get("/")  # renews the tokens; the log-in is as old as before
        for method, path in admin_addresses(app)[0]:
            assert refusal(ada, method, path) == 303, (method, path)
            if method != "GET":
                assert refusal(ada, method, path, htmx=True) == 401, path
    after = row_counts(app)
    changed = {table for table in after if after[table] != before[table]}
    assert changed <= {"refresh_tokens"}


def test_an_admin_comes_in(ada: Person) -> None:
    assert "How the site stands" in ada.get("/admin").text
    assert ada.get("/admin/settings").status_code == 200


def test_an_old_log_in_is_asked_to_log_in_again(ada: Person) -> None:
    with freeze_time(clock.now() + timedelta(hours=3), tick=True):
        again = ada.get("/admin")
        assert (again.status_code, "/login" in again.headers["Location"]) == (303, True)
        assert ada.get("/admin", htmx=True).status_code == 401


@pytest.mark.parametrize("token", ["wrong", "a.b"])
def test_a_write_with_a_wrong_token_is_refused(ada: Person, token: str) -> None:
    sent = {"value": "5", "csrf_token": token}
    assert ada.post("/admin/settings/MAX_ROOMS_GUEST", data=sent).status_code == 400


def test_settings_are_changed_told_and_reset(ada: Person) -> None:
    changed = ada.post("/admin/settings/MAX_ROOMS_GUEST", data={"value": "5"})
    assert changed.headers["Location"] == "/admin/settings#MAX_ROOMS_GUEST"
    page = ada.get("/admin/settings").text
    assert "MAX_ROOMS_GUEST is now 5." in page
    assert "Back to the default" in page
    ada.post("/admin/settings/MAX_ROOMS_GUEST/reset")
    assert "Back to the default" not in ada.get("/admin/settings").text


def test_an_admin_who_was_silent_for_a_while_changes_a_setting(ada: Person) -> None:
    """The visit is noted in the same request: it must not stand in the way of the change."""
    with freeze_time(clock.now() + timedelta(minutes=5), tick=True):
        assert ada.post("/admin/settings/MAX_ROOMS_GUEST", data={"value": "5"}).status_code == 303


def test_a_bad_value_is_refused_beside_its_field(ada: Person) -> None:
    refused = ada.post("/admin/settings/MAX_ROOMS_GUEST", data={"value": "many"})
    assert refused.status_code == 422
    assert "MAX_ROOMS_GUEST must be a whole number." in refused.text
    assert 'value="many"' in refused.text, "what was typed is kept"
    assert ada.post("/admin/settings/MAX_FUN", data={"value": "1"}).status_code == 404
