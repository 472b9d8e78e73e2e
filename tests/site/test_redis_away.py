"""Redis goes away under a running site of two web processes, and comes back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running.waiting import until
from tests.site.pages import fetch
from tests.site.people import Caller
from tests.site.process import RunningSite, running_site
from tests.site.reader import LiveReader
from tests.support.valkey import RunningValkey

# One after the other, like all that start whole sites.
pytestmark = pytest.mark.xdist_group("site")
FAILURES = 6
"""The limit of failed log-ins; that the default of 25 holds is tested beside the throttle."""


@pytest.fixture
def site(own_valkey: RunningValkey, tmp_path: Path) -> Iterator[RunningSite]:
    settings = {"REDIS_URL": own_valkey.url, "MAX_LOGIN_FAILURES_PER_NETWORK": str(FAILURES)}
    with running_site(tmp_path, 2, **settings) as running:
        until(lambda: fetch(running.address, "/readyz").status == 200, seconds=30)
        yield running


def test_reading_and_writing_go_on_new_names_wait_and_all_is_well_soon_after(
    site: RunningSite, own_valkey: RunningValkey
) -> None:
    hana, gus, oto = (Caller(site.address) for _ in range(3))
    code = hana.open_room("Tea")
    gus.join(code)
    _, rolled = oto.call(f"/api/chats/{code}/suggest-username/", {})
    with LiveReader(site.port, code) as one, LiveReader(site.port, code) as other:
        hana.say(code, "before")
        until(lambda: one.bodies == other.bodies == ["before"])

        own_valkey.stop()
        written = [f"without {number}" for number in range(6)]  # each process answers some of them
        for text in written:
            gus.say(code, text)
        until(lambda: one.bodies == other.bodies == ["before", *written], seconds=5)
        _reading_goes_on(site, code)
        _new_names_wait(site, code, oto, rolled["username"])
        assert [_log_in(site, number) for number in range(FAILURES + 1)] == [401] * FAILURES + [429]

        own_valkey.start()
        back = time.monotonic()
        until(lambda: _all_processes_roll(site, code), seconds=30)
        print(f"rolling again after {time.monotonic() - back:.1f} s")
        Caller(site.address).join(code)
        oto.join(code)
        oto.say(code, "after")
        until(lambda: one.bodies == other.bodies == ["before", *written, "after"])
        assert time.monotonic() - back < 30


def _all_processes_roll(site: RunningSite, code: str) -> bool:
    """Each finds out by itself, half a second later at most; of so many callers each process answers some."""
    callers = [Caller(site.address) for _ in range(8)]
    return all(caller.call(f"/api/chats/{code}/suggest-username/", {})[0] == 200 for caller in callers)


def _reading_goes_on(site: RunningSite, code: str) -> None:
    for path in ("/", f"/rooms/{code}", f"/rooms/{code}/messages", "/login", "/healthz"):
        assert fetch(site.address, path).status == 200, path
    with LiveReader(site.port, code) as newcomer:
        until(lambda: newcomer.bodies)
    assert fetch(site.address, "/readyz").status == 503


def _new_names_wait(site: RunningSite, code: str, oto: Caller, name: str) -> None:
    for path, sent in (
        (f"/api/chats/{code}/suggest-username/", {}),
        ("/api/accounts/suggest-username/", {}),
        (f"/api/chats/{code}/join/", {"username": name}),
    ):
        status, answer = oto.call(path, sent)
        assert (status, answer["code"], answer["retry_after"]) == (503, "away", 5), path
    page = fetch(site.address, f"/rooms/{code}/dice-rolls", "")
    assert (page.status, page.retry_after) == (503, "5")
    assert "is away for a moment" in page.text


def _log_in(site: RunningSite, number: int) -> int:
    return fetch(site.address, "/api/v1/login", f"username=Nobody-{number}&password=maple-otter-kettle-42").status
