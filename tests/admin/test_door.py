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


def admin_addresses(app: Flask) -> list[tuple[str, str]]:
    """Method and path of every admin route."""
    found = []
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/admin"):
            path = re.sub(r"<[^>]+>", "1", rule.rule)
            found += [(method, path) for method in rule.methods or () if method not in ("OPTIONS", "HEAD")]
    return found


def test_visitors_guests_and_plain_members_are_refused_everywhere(
    app: Flask, oto: Person, hana: Person, mia: Person
) -> None:
    hana.open_room()
    before = row_counts(app)
    addresses = admin_addresses(app)
    assert len(addresses) >= 4
    for method, path in addresses:
        for someone, page, fragment in ((oto, 303, 401), (hana, 403, 403), (mia, 403, 403)):
            act = someone.post if method == "POST" else someone.get
            assert act(path).status_code == page, (path, page)
            assert act(path, htmx=True).status_code == fragment, path
        if method == "GET":
            assert "/login" in oto.get(path).headers["Location"]
    assert row_counts(app) == before


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


def test_a_bad_value_is_refused_beside_its_field(ada: Person) -> None:
    refused = ada.post("/admin/settings/MAX_ROOMS_GUEST", data={"value": "many"})
    assert refused.status_code == 422
    assert "MAX_ROOMS_GUEST must be a whole number." in refused.text
    assert 'value="many"' in refused.text, "what was typed is kept"
    assert ada.post("/admin/settings/MAX_FUN", data={"value": "1"}).status_code == 404
