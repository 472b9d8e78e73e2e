"""Muting: one reads and stays, but can't write, on whatever path, until the time is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import event

from chatpop.core import clock
from chatpop.extensions import db
from tests.rooms.moderation.conftest import Scene, form_of
from tests.support.people import Person


def test_a_muted_person_reads_but_cannot_write_until_the_time_is_over(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (
        scene.mod.post(scene.person(scene.gus, "/mute"), data={"length": "1h", "reason": "Too loud"}).status_code == 303
    )
    refused = scene.gus.say(scene.code, "hello")
    assert (refused.status_code, refused.json["code"]) == (403, "muted")
    assert "Too loud" in refused.json["error"]
    assert "until" in refused.json

    page = scene.gus.get(scene.path())
    assert page.status_code == 200
    assert "You are muted here" in page.text
    assert 'id="composer-form"' not in page.text

    later = clock.now() + timedelta(hours=1, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert scene.gus.say(scene.code, "hello again").status_code == 201


def test_what_was_typed_without_scripts_is_kept(scene: Scene) -> None:
    scene.mod.post(scene.person(scene.gus, "/mute"), data={"length": "1h"})
    answer = scene.gus.post(scene.path("/messages"), data={"body": "A long and thoughtful text"})
    assert answer.status_code == 403
    assert "A long and thoughtful text" in answer.text
    assert "You are muted here" in answer.text


def test_a_mute_outlives_leaving_and_joining_under_another_name(scene: Scene) -> None:
    scene.hana.post(scene.person(scene.gus, "/mute"), data={"length": "1d"})
    scene.gus.post(scene.path("/departure"))
    assert scene.gus.join(scene.code).status_code == 201
    assert scene.gus.say(scene.code, "a new name").status_code == 403


def test_unmuting_from_the_settings_lets_them_write_again(scene: Scene) -> None:
    scene.mod.post(scene.person(scene.gus, "/mute"), data={"length": "1d"})
    page = scene.hana.get(scene.path("/settings")).text
    assert scene.hana.post(form_of(page, r"/mutes/\d+/end")).status_code == 303
    assert scene.gus.say(scene.code, "thanks").status_code == 201
    assert scene.acts()[-2:] == ["muted", "unmuted"]
    line = scene.line("muted")
    assert (line.subject_name, line.actor_name) == (scene.name(scene.gus), scene.name(scene.mod))


@pytest.mark.parametrize(("who", "status"), [("gus", 403), ("oto", 403), ("visitor", 401)])
def test_only_who_looks_after_the_room_mutes(scene: Scene, who: str, status: int, person: Callable[[], Person]) -> None:
    someone = person() if who == "visitor" else getattr(scene, who)
    path = scene.person(scene.mod, "/mute")
    assert someone.post(path, data={"length": "1h"}, htmx=True).status_code == status
    assert scene.mod.say(scene.code, "still here").status_code == 201


@pytest.mark.parametrize("target", ["hana", "mod"])
def test_nobody_mutes_the_host_or_themselves(scene: Scene, target: str) -> None:
    someone = getattr(scene, target)
    assert scene.mod.post(scene.person(someone, "/mute"), data={"length": "1h"}, htmx=True).status_code == 403
    assert scene.hana.post(scene.person(scene.hana, "/mute"), data={"length": "1h"}, htmx=True).status_code == 403
    assert someone.say(scene.code, "hello").status_code == 201


def test_a_moderator_cannot_act_on_another_one_but_the_host_can(scene: Scene) -> None:
    scene.hana.post(scene.person(scene.gus, "/moderator"))
    assert scene.mod.post(scene.person(scene.gus, "/mute"), data={"length": "1h"}, htmx=True).status_code == 403
    assert scene.hana.post(scene.person(scene.gus, "/mute"), data={"length": "1h"}, htmx=True).status_code == 200


@pytest.mark.parametrize("length", ["", "2h", "forever"])
def test_an_unknown_length_is_refused(scene: Scene, length: str) -> None:
    assert scene.hana.post(scene.person(scene.gus, "/mute"), data={"length": length}, htmx=True).status_code == 422
    assert scene.gus.say(scene.code, "hello").status_code == 201


def test_a_wrong_token_or_another_site_is_refused(scene: Scene) -> None:
    path = scene.person(scene.gus, "/mute")
    headers = {"Sec-Fetch-Site": None}
    data = {"length": "1h", "csrf_token": "wrong"}
    assert scene.hana.post(path, data=data, headers=headers).status_code == 400
    assert scene.hana.post(path, data=data, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert scene.gus.say(scene.code, "hello").status_code == 201


def test_somebody_elses_mute_cannot_be_ended_through_ones_own_room(scene: Scene) -> None:
    scene.hana.post(scene.person(scene.gus, "/mute"), data={"length": "1d"})
    other = scene.gus.open_room()
    assert scene.gus.post(f"/rooms/{other}/mutes/1/end").status_code == 404
    assert scene.gus.say(scene.code, "hello").status_code == 403


def test_writing_asks_the_database_nothing_more_for_all_of_it(scene: Scene) -> None:
    scene.hana.post(scene.path("/slow-mode"), data={"seconds": "5"})
    asked: list[str] = []

    def note(*call: object) -> None:
        asked.append(str(call[2]))

    with scene.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    assert scene.gus.say(scene.code, "hello").status_code == 201
    event.remove(engine, "before_cursor_execute", note)
    reads = [text for text in asked if text.startswith("SELECT")]
    assert len(reads) == 3, reads  # the viewer; the room with its ban, the place, mute and role; an earlier copy
    assert sum("mutes" in text for text in reads) == 1
