"""Removing, pinning, slow mode, closing to guests, moderators, the log to take away."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from flask import Flask

from chatpop.core import clock
from chatpop.core.transactions import transaction
from chatpop.identity.models import User
from tests.accounts.acts import make_member, user_called
from tests.rooms.moderation.conftest import Scene, form_of
from tests.support.people import Person


def test_who_looks_after_the_room_removes_a_message_and_it_says_so(scene: Scene) -> None:
    seq = scene.gus.say(scene.code, "something nasty").json["seq"]
    page = scene.mod.get(scene.path(f"/messages/{seq}"))
    assert page.status_code == 200
    assert scene.mod.post(form_of(page.text, "/deletion")).status_code == 303
    shown = scene.oto.get(scene.path()).text
    assert "Removed by a moderator" in shown
    assert "something nasty" not in shown
    assert scene.line("message_removed").subject_name == scene.name(scene.gus)
    assert scene.mod.post(scene.path(f"/messages/{seq}/deletion"), htmx=True).status_code == 200, "twice is once"
    assert scene.acts().count("message_removed") == 1


def test_ones_own_deletion_is_no_removal_and_works_without_scripts(scene: Scene) -> None:
    seq = scene.gus.say(scene.code, "oops").json["seq"]
    page = scene.gus.get(scene.path(f"/messages/{seq}")).text
    assert scene.gus.post(form_of(page, "/deletion")).status_code == 303
    assert "Message deleted" in scene.oto.get(scene.path()).text
    assert "message_removed" not in scene.acts()


def test_who_may_not_remove_a_message(scene: Scene) -> None:
    hanas = scene.hana.say(scene.code, "welcome").json["seq"]
    for someone, status in ((scene.gus, 403), (scene.oto, 403), (scene.mod, 403), (Person(scene.app), 401)):
        assert someone.post(scene.path(f"/messages/{hanas}/deletion"), htmx=True).status_code == status
        assert "/deletion" not in someone.get(scene.path(f"/messages/{hanas}")).text
    assert scene.message(hanas).body == "welcome"
    assert scene.hana.post(scene.path("/messages/99/deletion"), htmx=True).status_code == 404


def test_an_admin_of_the_site_looks_after_every_room_even_a_private_one(app: Flask, hana: Person, gus: Person) -> None:
    ada = make_member(Person(app), "Ada-Lake", "ada@example.com")
    code = hana.open_room(visibility="private")
    hana.say(code, "in private")
    assert ada.get(f"/rooms/{code}/messages/1").status_code == 404
    with app.app_context(), transaction() as session:
        session.get_one(User, user_called(app, "Ada-Lake").id).is_admin = True
    assert ada.get(f"/rooms/{code}").status_code == 404, "being an admin is no invitation"
    assert ada.get(f"/rooms/{code}/settings").status_code == 200
    page = ada.get(f"/rooms/{code}/messages/1").text
    assert "/deletion" in page, "the site answers for what its hosts write"
    assert ada.post(f"/rooms/{code}/slow-mode", data={"seconds": "5"}).status_code == 303


def test_a_pinned_message_stands_on_top_until_it_is_unpinned_or_deleted(scene: Scene) -> None:
    seqs = [scene.gus.say(scene.code, text).json["seq"] for text in ("first", "second")]
    for seq in seqs:
        assert scene.mod.post(scene.path(f"/messages/{seq}/pin")).status_code == 303
    page = scene.oto.get(scene.path()).text
    assert f'data-pinned="{seqs[1]}"' in page
    assert page.count("data-pinned") == 1
    assert scene.mod.post(scene.path(f"/messages/{seqs[1]}/pin/end")).status_code == 303
    assert "data-pinned" not in scene.oto.get(scene.path()).text
    scene.hana.post(scene.path(f"/messages/{seqs[0]}/pin"))
    scene.gus.post(scene.path(f"/messages/{seqs[0]}/deletion"))
    assert "data-pinned" not in scene.oto.get(scene.path()).text
    assert scene.hana.post(scene.path(f"/messages/{seqs[0]}/pin"), htmx=True).status_code == 409
    assert scene.hana.post(scene.path("/messages/99/pin"), htmx=True).status_code == 404
    assert scene.acts().count("message_pinned") == 3


@pytest.mark.parametrize("path", ["/messages/1/pin", "/slow-mode", "/closure", "/closure/end", "/export", "/settings"])
def test_the_room_is_looked_after_by_host_moderators_and_nobody_else(scene: Scene, path: str) -> None:
    scene.hana.say(scene.code, "hello")
    before = scene.acts()
    for someone, status in ((scene.gus, 403), (scene.oto, 403), (Person(scene.app), 401)):
        if path == "/settings":
            assert someone.get(scene.path(path), htmx=True).status_code == status
        else:
            assert someone.post(scene.path(path), data={"seconds": "5"}, htmx=True).status_code == status
    if path != "/settings":
        wrong = scene.hana.post(
            scene.path(path), data={"csrf_token": "wrong", "seconds": "5"}, headers={"Sec-Fetch-Site": None}
        )
        assert wrong.status_code == 400
    assert scene.acts() == before


def test_slow_mode_lets_one_message_through_in_its_time_but_for_the_host(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert scene.mod.post(scene.path("/slow-mode"), data={"seconds": "60"}).status_code == 303
    assert "Slow mode: one message every 1 minute" in scene.oto.get(scene.path()).text
    assert scene.gus.say(scene.code, "one").status_code == 201
    refused = scene.gus.say(scene.code, "two")
    assert (refused.status_code, refused.json["code"]) == (429, "slow_mode")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    kept = scene.gus.post(scene.path("/messages"), data={"body": "two, typed at length"})
    assert kept.status_code == 429
    assert "two, typed at length</textarea>" in kept.text
    assert scene.hana.say(scene.code, "three").status_code == scene.hana.say(scene.code, "four").status_code == 201
    later = clock.timestamp() + 61
    monkeypatch.setattr(clock, "timestamp", lambda: later)
    assert scene.gus.say(scene.code, "two").status_code == 201


@pytest.mark.parametrize("seconds", ["-1", "3601", "", "soon", "9" * 30])
def test_an_impossible_pace_is_refused(scene: Scene, seconds: str) -> None:
    assert scene.hana.post(scene.path("/slow-mode"), data={"seconds": seconds}, htmx=True).status_code == 422
    assert "slow_mode_changed" not in scene.acts()


def test_a_room_closed_to_guests_is_read_by_all_and_written_by_members(scene: Scene) -> None:
    mia = make_member(Person(scene.app))
    assert scene.hana.post(scene.path("/closure")).status_code == 303
    refused = scene.gus.say(scene.code, "hello")
    assert (refused.status_code, refused.json["code"]) == (403, "closed_to_guests")
    visitor = Person(scene.app)
    for someone in (scene.gus, visitor):
        page = scene.path("/join") if someone is visitor else scene.path()
        assert "Members only at present" in someone.get(page).text
        assert someone.get(scene.path()).status_code == 200
    joined = visitor.join(scene.code)
    assert (joined.status_code, joined.json["code"]) == (403, "closed_to_guests")
    form = visitor.post(scene.path("/participation"), data={"username": visitor.roll(scene.code)})
    assert form.status_code == 403
    assert "Members only at present" in form.text
    assert mia.post(f"/api/chats/{scene.code}/join/", json={"username": "Mia-Rivers"}).status_code == 201
    assert mia.say(scene.code, "hello").status_code == 201
    assert scene.mod.say(scene.code, "a guest, but a moderator").status_code == 201
    assert scene.mod.post(scene.path("/closure/end")).status_code == 303
    assert scene.gus.say(scene.code, "back again").status_code == 201
    assert scene.acts()[-2:] == ["closed_to_guests", "opened_to_guests"]


def test_only_the_host_appoints_and_dismisses_moderators(scene: Scene) -> None:
    path = scene.person(scene.gus, "/moderator")
    for someone in (scene.mod, scene.gus, scene.oto):
        assert someone.post(path, htmx=True).status_code == 403
    assert scene.hana.post(path, htmx=True).status_code == 200
    page = scene.hana.get(scene.person(scene.gus)).text
    end = form_of(page, r"/moderators/\d+/end")
    assert scene.mod.post(end, htmx=True).status_code == 403
    assert scene.gus.get(scene.path("/settings")).status_code == 200
    assert scene.hana.post(end).status_code == 303
    assert scene.gus.get(scene.path("/settings")).status_code == 403
    assert scene.hana.post(end, htmx=True).status_code == 404
    assert scene.hana.post(scene.person(scene.hana, "/moderator"), htmx=True).status_code == 403


def test_a_moderator_stays_one_under_another_name(scene: Scene) -> None:
    scene.mod.post(scene.path("/departure"))
    scene.mod.join(scene.code)
    assert scene.mod.get(scene.path("/settings")).status_code == 200


def test_the_host_hands_the_room_over_and_becomes_a_moderator(scene: Scene) -> None:
    page = scene.hana.get(scene.path("/settings")).text
    path = form_of(page, r"/moderators/\d+/host")
    assert scene.mod.post(path, htmx=True).status_code == 403
    assert scene.hana.post(path).status_code == 303
    assert "Take the log away" in scene.mod.get(scene.path("/settings")).text
    assert "Take the log away" not in scene.hana.get(scene.path("/settings")).text
    assert scene.hana.post(scene.person(scene.mod, "/kick"), htmx=True).status_code == 403


def test_the_host_takes_the_log_away_as_json_and_html(scene: Scene) -> None:
    for text in ("first", "<b>second</b>", "third"):
        scene.gus.say(scene.code, text)
    scene.hana.post(scene.path("/messages/3/deletion"))
    assert scene.mod.post(scene.path("/export"), htmx=True).status_code == 403
    answer = scene.hana.post(scene.path("/export"), data={"form": "json"})
    assert "attachment" in answer.headers["Content-Disposition"]
    log = json.loads(answer.text)
    assert [one["body"] for one in log["messages"]] == ["first", "<b>second</b>", ""]
    assert [one["is_removed"] for one in log["messages"]] == [False, False, True]
    page = scene.hana.post(scene.path("/export"), data={"form": "html"}).text
    assert "&lt;b&gt;second&lt;/b&gt;" in page
    assert "(Removed by a moderator)" in page
    assert scene.hana.post(scene.path("/export"), data={"form": "exe"}, htmx=True).status_code == 422
    assert scene.acts().count("room_exported") == 2


def test_a_persons_page_offers_nothing_to_who_may_do_nothing(scene: Scene) -> None:
    for someone in (scene.gus, scene.oto, Person(scene.app)):
        page = someone.get(scene.person(scene.mod)).text
        assert "/kick" not in page
        assert "/mute" not in page
    assert "Looks after this room" in scene.oto.get(scene.person(scene.mod)).text
    assert scene.oto.get(scene.path("/people/0000000000000000")).status_code == 404
    fragment = scene.hana.get(scene.person(scene.gus), htmx=True).text
    assert "<html" not in fragment
    assert "/kick" in fragment


def test_a_kept_mute_runs_out_in_the_lists(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.hana.post(scene.person(scene.gus, "/mute"), data={"length": "10m"})
    assert "Unmute" in scene.hana.get(scene.path("/settings")).text
    later = clock.now() + timedelta(minutes=11)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert "Nobody is muted." in scene.hana.get(scene.path("/settings")).text
