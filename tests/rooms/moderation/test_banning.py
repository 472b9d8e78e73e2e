"""Bans from a room: under every name and on every path; devices and networks stand at the door alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from chatpop.core import clock
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity import bans
from chatpop.identity.models import User
from tests.accounts.acts import PASSWORD, log_in, make_member
from tests.conftest import both_databases
from tests.rooms.moderation.conftest import Scene, form_of
from tests.support.people import Person

PHONE = {"User-Agent": "Mozilla/5.0 (Android 15; Mobile) Firefox/141.0"}


def ban(scene: Scene, someone: Person, length: str = "1d", kinds: tuple[str, ...] = (), reason: str = "") -> None:
    data = {"length": length, "kinds": list(kinds), "reason": reason}
    answer = scene.hana.post(scene.person(someone, "/ban"), data=data)
    assert answer.status_code == 303, answer.text


@both_databases
def test_a_banned_account_finds_every_way_closed(scene: Scene) -> None:
    ban(scene, scene.gus, "forever", reason="Spam")
    gus, code = scene.gus, scene.code
    page = gus.get(scene.path())
    assert page.status_code == 403
    assert "You are banned from this room" in page.text
    assert "Spam" in page.text
    for path in ("/messages", "/people", "/stream", "/door", "/join", "/messages/1"):
        assert gus.get(scene.path(path)).status_code == 403, path
    said = gus.say(code, "let me in")
    assert (said.status_code, said.json["code"]) == (403, "banned")
    for call in ("suggest-username", "validate-username", "join"):
        answer = gus.post(f"/api/chats/{code}/{call}/", json={"username": "AnyName12"})
        assert (answer.status_code, answer.json["code"]) == (403, "banned"), call
    assert gus.post(scene.path("/participation"), data={"username": "x"}, htmx=True).status_code == 403
    assert gus.get("/").status_code == 200, "the rest of the site is open"
    assert gus.join(scene.oto.open_room()).status_code == 201


def test_a_ban_is_lifted_in_the_settings(scene: Scene) -> None:
    ban(scene, scene.gus, "1d")
    page = scene.mod.get(scene.path("/settings")).text
    assert scene.name(scene.gus) in page
    assert scene.mod.post(form_of(page, r"/bans/\d+/end")).status_code == 303
    assert scene.gus.join(scene.code).status_code == 201
    assert scene.acts()[-2:] == ["user_banned", "ban_lifted"]


def test_a_timed_ban_is_over_at_its_end(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    ban(scene, scene.gus, "1d")
    later = clock.now() + timedelta(days=1, seconds=1)
    assert scene.gus.get(scene.path()).status_code == 403
    monkeypatch.setattr(clock, "now", lambda: later)
    assert scene.gus.get(scene.path()).status_code == 200


def test_a_ban_follows_an_upgrade_to_another_name(scene: Scene) -> None:
    ban(scene, scene.gus, "forever")
    form = {"username": "Gus-Rivers", "email": "gus@example.com", "password": PASSWORD, "confirm_password": PASSWORD}
    assert scene.gus.post("/register", data=form).status_code == 303
    assert scene.gus.get(scene.path()).status_code == 403
    fresh = Person(scene.app)
    log_in(fresh, "Gus-Rivers")
    assert fresh.post(f"/api/chats/{scene.code}/join/", json={"username": "Gus-Rivers"}).status_code == 403


def test_hosts_and_audit_see_the_name_in_the_room_and_never_the_account(scene: Scene) -> None:
    mia = make_member(Person(scene.app))
    rolled = mia.roll(scene.code)
    mia.join(scene.code, rolled)
    scene.names[id(mia)] = rolled
    shown = [scene.hana.get(scene.person(mia)).text, scene.hana.get(scene.person(mia, "/ban")).text]
    ban(scene, mia, "forever")
    shown += [scene.hana.get(scene.path("/settings")).text]
    assert all(rolled in page and "Mia-Rivers" not in page for page in shown)
    assert scene.line("user_banned").subject_name == rolled
    assert mia.post(f"/api/chats/{scene.code}/join/", json={"username": "Mia-Rivers"}).status_code == 403


@both_databases
def test_a_network_ban_stops_newcomers_from_there_and_nobody_who_is_in(scene: Scene, app: Flask) -> None:
    neighbour, newcomer, elsewhere = Person(app), Person(app), Person(app, "203.0.113.9")
    assert neighbour.join(scene.code).status_code == 201
    ban(scene, scene.gus, "30d", ("network",))
    refused = newcomer.join(scene.code)
    assert (refused.status_code, refused.json["code"]) == (403, "banned")
    assert newcomer.get(scene.path()).status_code == 200, "a public room can be read"
    assert neighbour.say(scene.code, "I was here before").status_code == 201
    assert elsewhere.join(scene.code).status_code == 201


def test_a_device_ban_stops_an_equal_browser_without_an_account(scene: Scene, app: Flask) -> None:
    ban(scene, scene.gus, "7d", ("device",))
    assert Person(app, "203.0.113.9").join(scene.code).status_code == 403
    other = Person(app, "203.0.113.9")
    name = other.roll(scene.code)
    answer = other.post(f"/api/chats/{scene.code}/join/", json={"username": name}, headers=PHONE)
    assert answer.status_code == 201


def test_a_private_room_is_not_read_from_a_banned_network_with_its_invite(
    app: Flask, hana: Person, gus: Person, person: Callable[[], Person]
) -> None:
    code = hana.open_room(visibility="private")
    invite = hana.get(f"/rooms/{code}").text.partition("?invite=")[2].partition('"')[0]
    visitor = person()
    for each in (gus, visitor):
        assert each.get(f"/rooms/{code}?invite={invite}", follow_redirects=True).status_code == 200
    name = gus.join(code).json["username"]
    scene = Scene(app, code, hana, hana, gus, visitor, {id(gus): name})
    ban(scene, gus, "7d", ("network",))
    for path in ("", "/messages", "/stream"):
        assert visitor.get(f"/rooms/{code}{path}").status_code == 403, path
    assert hana.get(f"/rooms/{code}").status_code == 200


def test_the_form_says_how_many_others_a_ban_would_hit(scene: Scene, app: Flask) -> None:
    page = scene.hana.get(scene.person(scene.gus, "/ban")).text
    assert page.count("3 other accounts have it too.") == 2
    assert 'value="device"' in page


def test_devices_and_networks_need_an_end(scene: Scene) -> None:
    data = {"length": "forever", "kinds": ["network"], "reason": "kept"}
    answer = scene.hana.post(scene.person(scene.gus, "/ban"), data=data)
    assert answer.status_code == 422
    assert "needs an end" in answer.text
    assert 'value="kept"' in answer.text
    assert scene.gus.say(scene.code, "still here").status_code == 201


@pytest.mark.parametrize("data", [{"length": "2h"}, {"length": "1d", "kinds": ["galaxy"]}, {}])
def test_an_unknown_length_or_kind_is_refused(scene: Scene, data: dict[str, object]) -> None:
    assert scene.hana.post(scene.person(scene.gus, "/ban"), data=data).status_code == 422
    assert scene.gus.say(scene.code, "still here").status_code == 201


def test_who_may_not_ban_and_who_may_not_be_banned(scene: Scene) -> None:
    data = {"length": "1d"}
    refused = [
        (scene.gus, scene.mod),
        (scene.oto, scene.gus),
        (scene.mod, scene.hana),
        (scene.hana, scene.hana),
        (scene.mod, scene.mod),
    ]
    for actor, target in refused:
        path = scene.person(target, "/ban")
        assert actor.post(path, data=data, htmx=True).status_code == 403
        assert actor.get(path).status_code == 403
    assert Person(scene.app).post(scene.person(scene.gus, "/ban"), data=data, htmx=True).status_code == 401
    wrong = scene.hana.post(
        scene.person(scene.gus, "/ban"), data={**data, "csrf_token": "wrong"}, headers={"Sec-Fetch-Site": None}
    )
    assert wrong.status_code == 400
    assert "user_banned" not in scene.acts()


def test_a_banned_moderator_is_none_any_more(scene: Scene) -> None:
    ban(scene, scene.mod, "1d")
    page = scene.hana.get(scene.path("/settings")).text
    scene.hana.post(form_of(page, r"/bans/\d+/end"))
    assert scene.mod.join(scene.code).status_code == 201
    assert scene.mod.get(scene.path("/settings")).status_code == 403


def test_a_kicked_person_may_come_back(scene: Scene) -> None:
    assert scene.mod.post(scene.person(scene.gus, "/kick")).status_code == 303
    assert scene.gus.say(scene.code, "hello").status_code == 403
    assert scene.gus.join(scene.code).status_code == 201
    assert "kicked" in scene.acts()


def test_only_who_looks_after_the_room_kicks_and_nobody_the_host(scene: Scene) -> None:
    for actor, target in (
        (scene.gus, scene.mod),
        (scene.oto, scene.gus),
        (scene.mod, scene.hana),
        (scene.hana, scene.hana),
    ):
        assert actor.post(scene.person(target, "/kick"), htmx=True).status_code == 403
    assert "kicked" not in scene.acts()


def test_ipv6_neighbours_are_counted_by_their_network(app: Flask) -> None:
    people = [Person(app, address) for address in ("2001:db8:0:7::1", "2001:db8:0:7:ffff::2", "2001:db8:0:8::1")]
    names = []
    for each in people:
        each.open_room()
        names.append(each.name)
    with app.app_context():
        first = db.session.scalars(select(User).where(User.username == names[0])).one()
        assert bans.sharing(first).network == 1
        assert bans.evidence_of(first).network == "2001:db8:0:7::/64"


def test_devices_and_networks_are_forgotten_with_the_end_of_their_ban(
    scene: Scene, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    ban(scene, scene.gus, "7d", ("device", "network"))
    for days, kept in ((0, ["account", "device", "network"]), (8, ["account"])):
        later = clock.now() + timedelta(days=days)
        monkeypatch.setattr(clock, "now", lambda later=later: later)
        with app.app_context():
            with transaction():
                bans.forget_evidence()
            assert [row.kind for row in db.session.scalars(select(bans.Ban).order_by(bans.Ban.id))] == kept
