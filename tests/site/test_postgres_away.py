"""PostgreSQL is restarted under a running site of two web processes."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import pytest

from tests.running.waiting import until
from tests.site.pages import fetch
from tests.site.people import Caller
from tests.site.process import RunningSite, running_site
from tests.site.reader import LiveReader
from tests.support.postgres import RunningPostgres, make_database, restartable_postgres

# One after the other, like all that start whole sites.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("site")]
AWAY_SECONDS = 4.0
"""Long enough for pools, polls and checks of open streams to notice."""


@pytest.fixture
def postgres() -> Iterator[RunningPostgres]:
    with restartable_postgres() as server:
        yield server


@pytest.fixture
def site(postgres: RunningPostgres, tmp_path: Path) -> Iterator[RunningSite]:
    with running_site(tmp_path, 2, DATABASE_URL=make_database(postgres.url, "faults")) as running:
        until(lambda: fetch(running.address, "/readyz").status == 200, seconds=30)
        yield running


def test_pages_say_when_to_come_back_and_the_site_is_ready_soon_after(
    site: RunningSite, postgres: RunningPostgres
) -> None:
    hana = Caller(site.address)
    code = hana.open_room("Tea")
    hana.say(code, "before")
    with LiveReader(site.port, code, hana.cookies()) as reader, OnLooker(site, code, hana.cookies()) as onlooker:
        until(lambda: reader.bodies == ["before"])
        gone = time.monotonic()
        postgres.stop()
        _everything_says_when_to_come_back(site, code, hana)
        time.sleep(max(0.0, gone + AWAY_SECONDS - time.monotonic()))
        postgres.start()
        back = time.monotonic()
        until(lambda: fetch(site.address, "/readyz").status == 200, seconds=10)
        hana.say(code, "after")
        until(lambda: reader.bodies == ["before", "after"])
        assert time.monotonic() - back < 10
        until(lambda: onlooker.seen[-1].status == 200)
    statuses = [look.status for look in onlooker.seen]
    assert set(statuses) == {200, 503}
    assert all(look.retry_after for look in onlooker.seen if look.status == 503)
    assert {look.status for look in onlooker.seen if look.ended_at < gone or look.begun_at > back + 10} <= {200}


def _everything_says_when_to_come_back(site: RunningSite, code: str, hana: Caller) -> None:
    for cookies in ("", hana.cookies()):
        for path in ("/", f"/rooms/{code}", f"/rooms/{code}/messages", f"/rooms/{code}/stream?after=0"):
            page = fetch(site.address, path, cookies=cookies)
            assert (page.status, page.retry_after) == (503, "5"), path
            assert "is away for a moment" in page.text
    status, answer = hana.call(f"/rooms/{code}/messages", {"body": "meanwhile", "client_id": "m"})
    assert (status, answer["code"]) == (503, "away")
    assert fetch(site.address, "/readyz").status == 503
    assert fetch(site.address, "/healthz").status == 200


class Look(NamedTuple):
    begun_at: float
    ended_at: float
    status: int
    retry_after: str | None


class OnLooker:
    """Somebody in the room looks at its page all the time."""

    def __init__(self, site: RunningSite, code: str, cookies: str) -> None:
        self.seen: list[Look] = []
        self._address, self._path, self._cookies = site.address, f"/rooms/{code}", cookies
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self._ended.wait(0.05):
            begun = time.monotonic()
            page = fetch(self._address, self._path, cookies=self._cookies)
            self.seen.append(Look(begun, time.monotonic(), page.status, page.retry_after))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join(60)
