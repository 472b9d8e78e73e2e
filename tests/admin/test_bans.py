"""Bans of the whole site: by account, device and network, who is hit by which, and lifting them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from freezegun import freeze_time

from chatpop.core import clock
from tests.accounts.acts import log_in
from tests.admin.acts import audit_actions, id_of
from tests.support.people import Person

OTHER = {"User-Agent": "Mozilla/5.0 (Macintosh) Safari/605.1"}


def ban(admin: Person, user_id: int, *kinds: str, length: str = "7d") -> int:
    data = {"kinds": list(kinds), "length": length, "reason": "spam"}
    return admin.post(f"/admin/people/{user_id}/bans", data=data).status_code


def test_a_banned_account_can_do_nothing_anywhere(app: Flask, ada: Person, hana: Person, gus: Person) -> None:
    code = hana.open_room()
    gus.join(code)
    assert ban(ada, id_of(app, gus), "account", length="") == 303
    assert gus.name, "it is known"
    assert gus.get("/").status_code == 200
    assert gus.say(code, "still here").status_code == 403
    refused = gus.post(f"/api/chats/{code}/join/", json={"username": gus.name})
    assert refused.status_code == 403
    assert "banned from this site" in refused.json["error"]
    assert gus.post("/rooms", data={"name": "Mine", "visibility": "public"}).status_code == 403
    rolled = gus.post(f"/api/chats/{code}/suggest-username/", json={})
    assert rolled.status_code == 403
    assert hana.say(code, "others go on").status_code == 201
    assert audit_actions(app) == ["user_banned"]


def test_a_device_ban_hits_equal_browsers_without_an_account_and_no_others(
    app: Flask, ada: Person, hana: Person, gus: Person, oto: Person, mia: Person
) -> None:
    code = hana.open_room(visibility="public")
    gus.join(code)
    name = oto.roll(code)
    assert ban(ada, id_of(app, gus), "device") == 303
    refused = oto.post(f"/api/chats/{code}/join/", json={"username": name})
    assert (refused.status_code, "until" in refused.json["error"]) == (403, True)
    assert mia.join(code, "Mia-Rivers").status_code == 201, "a member has shown who she is"
    stranger = Person(app)
    rolled = stranger.post(f"/api/chats/{code}/suggest-username/", json={}, headers=OTHER).json["username"]
    joined = stranger.post(f"/api/chats/{code}/join/", json={"username": rolled}, headers=OTHER)
    assert joined.status_code == 201


def test_a_network_ban_says_until_when_and_ends_by_itself(app: Flask, ada: Person, hana: Person, mia: Person) -> None:
    far = Person(app, "203.0.113.9")
    code = hana.open_room()
    far.join(code)
    near = Person(app, "203.0.113.9")
    assert ban(ada, id_of(app, far), "network") == 303
    sent = {"name": "Mine", "visibility": "public"}
    refused = near.post("/rooms", data=sent, headers=OTHER)
    assert refused.status_code == 403
    assert "banned from this site" in refused.text
    assert re.search(r"ends on <time datetime=.20\d\d-", refused.text), "and until when"
    with_account = Person(app, "203.0.113.9")
    assert log_in(with_account).status_code == 303
    assert with_account.post("/rooms", data=sent).status_code == 303, "members are hit by account bans alone"
    with freeze_time(clock.now() + timedelta(days=8), tick=True):
        assert near.post("/rooms", data=sent, headers=OTHER).status_code == 303


def test_a_ban_is_listed_and_lifted(app: Flask, ada: Person, hana: Person, gus: Person) -> None:
    code = hana.open_room()
    gus.join(code)
    name = gus.name
    ban(ada, id_of(app, gus), "account")
    listed = ada.get("/admin/bans").text
    assert str(name) in listed
    path = re.search(r'action="(/admin/bans/\d+/end)"', listed)
    assert path
    assert ada.post(path.group(1), data={"csrf_token": "wrong"}).status_code == 400
    assert ada.post(path.group(1)).status_code == 303
    assert "None in force." in ada.get("/admin/bans").text
    assert gus.post(f"/api/chats/{code}/join/", json={"username": name}).status_code == 201
    assert audit_actions(app) == ["user_banned", "ban_lifted"]
    assert ada.post("/admin/bans/999/end").status_code == 404


@pytest.mark.parametrize(
    ("kinds", "length", "status"),
    [([], "7d", 422), (["account"], "ages", 422), (["device"], "", 422), (["network"], "", 422)],
)
def test_a_ban_that_makes_no_sense_is_refused_with_a_sentence(
    app: Flask, ada: Person, hana: Person, kinds: list[str], length: str, status: int
) -> None:
    hana.open_room()
    assert ban(ada, id_of(app, hana), *kinds, length=length) == status
    assert audit_actions(app) == []


def test_an_admin_is_not_banned(app: Flask, ada: Person) -> None:
    assert ban(ada, id_of(app, ada), "account") == 409
