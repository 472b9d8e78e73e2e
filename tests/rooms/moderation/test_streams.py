"""The page's open stream: it ends when its reader's right ends, and tells what holds in the room."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask

from chatpop.core import clock
from chatpop.core.transactions import transaction
from chatpop.identity import sessions
from chatpop.identity.models import User
from chatpop.lifecycle import abandoning
from chatpop.rooms.live import Timing, live
from tests.accounts.acts import make_member, register, user_called
from tests.rooms.moderation.conftest import Scene
from tests.support.people import Person

NEVER = Timing(tick=0.1, beats=100_000, poll_up=10_000)
"""Rights are asked about after ``live.recheck`` alone."""
QUICK = Timing(tick=0.05, beats=4)
"""A round in a fifth of a second instead of 15 seconds."""


class Stream:
    """A page's stream, read in a thread."""

    def __init__(self, someone: Person, code: str) -> None:
        self.answer = someone.get(f"/rooms/{code}/stream")
        assert self.answer.status_code == 200
        self.text = ""
        self.ended = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()

    def hears(self, words: str, wait: float = 10) -> bool:
        deadline = time.monotonic() + wait
        while words not in self.text and time.monotonic() < deadline:
            time.sleep(0.02)
        return words in self.text

    def ends(self, wait: float = 10) -> bool:
        return self.ended.wait(wait) and "event: end" in self.text

    def _read(self) -> None:
        for chunk in self.answer.iter_encoded():
            self.text += chunk.decode()
        self.ended.set()


@pytest.fixture
def timed(app: Flask) -> Iterator[Callable[[Timing], None]]:
    """Let the engine keep these times; default is a recheck alone."""

    def use(timing: Timing) -> None:
        app.config["LIVE_TIMING"] = timing
        live.init_app(app)

    use(NEVER)
    yield use
    live.shutdown()
    del app.config["LIVE_TIMING"]


def test_rights_are_asked_about_every_fifteen_seconds() -> None:
    assert Timing().tick * Timing().beats <= 15


def test_a_ban_and_a_kick_end_the_persons_stream_at_once_and_nobody_elses(
    scene: Scene, timed: Callable[[Timing], None]
) -> None:
    gus, mod, hana = (Stream(each, scene.code) for each in (scene.gus, scene.mod, scene.hana))
    scene.hana.post(scene.person(scene.gus, "/ban"), data={"length": "1d"})
    assert gus.ends(), gus.text
    assert scene.gus.get(scene.path("/stream")).status_code == 403
    scene.hana.post(scene.person(scene.mod, "/kick"))
    assert mod.ends()
    scene.hana.say(scene.code, "just us")
    assert hana.hears("just us")
    assert "just us" not in gus.text + mod.text


def _disable(app: Flask, name: str) -> None:
    with app.app_context(), transaction() as session:
        session.get_one(User, user_called(app, name).id).is_disabled = True


def _log_out_everywhere(app: Flask, name: str) -> None:
    with app.app_context(), transaction() as session:
        sessions.end_all(session, session.get_one(User, user_called(app, name).id))


@pytest.mark.parametrize("end", [_disable, _log_out_everywhere])
def test_disabling_and_logging_out_everywhere_end_the_open_stream(
    scene: Scene, timed: Callable[[Timing], None], end: Callable[[Flask, str], None]
) -> None:
    timed(QUICK)
    mia = make_member(Person(scene.app))
    other, mias = Stream(scene.gus, scene.code), Stream(mia, scene.code)
    end(scene.app, "Mia-Rivers")
    assert mias.ends()
    assert not other.ended.is_set()


def test_a_guest_that_is_abandoned_loses_the_open_stream(
    scene: Scene, timed: Callable[[Timing], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    timed(QUICK)
    stream = Stream(scene.gus, scene.code)
    with scene.app.app_context():
        user = user_called(scene.app, scene.name(scene.gus))
        later = clock.now() + timedelta(days=91)
        monkeypatch.setattr(clock, "now", lambda: later)
        assert abandoning.abandon(user.id)
    assert stream.ends()


def test_an_upgrade_ends_the_guests_open_streams(scene: Scene, timed: Callable[[Timing], None]) -> None:
    """All that was issued to the guest is dead; the page comes back with the member's session."""
    timed(QUICK)
    stream = Stream(scene.gus, scene.code)
    name = scene.name(scene.gus)
    assert register(scene.gus, name, "gus@example.com").status_code == 303
    assert stream.ends()
    again = Stream(scene.gus, scene.code)
    scene.hana.say(scene.code, "welcome")
    assert again.hears("welcome")


def test_what_holds_in_the_room_reaches_open_pages_and_those_that_come(
    scene: Scene, timed: Callable[[Timing], None]
) -> None:
    visitor = Stream(Person(scene.app), scene.code)
    seq = scene.gus.say(scene.code, "Read the rules first").json["seq"]
    scene.mod.post(scene.path(f"/messages/{seq}/pin"))
    assert visitor.hears(f'data-pinned="{seq}"')
    scene.mod.post(scene.path("/slow-mode"), data={"seconds": "30"})
    assert visitor.hears("one message every 30 seconds")
    scene.mod.post(scene.path("/closure"))
    assert visitor.hears('data-closed="1"')
    late = Stream(Person(scene.app), scene.code)
    assert late.hears('data-closed="1"')
    before = len(visitor.text)
    scene.mod.post(scene.path(f"/messages/{seq}/deletion"))
    deadline = time.monotonic() + 10
    while "event: room" not in visitor.text[before:] and time.monotonic() < deadline:
        time.sleep(0.02)
    assert "data-pinned" not in visitor.text[before:]
    assert "Removed by a moderator" in visitor.text[before:]
