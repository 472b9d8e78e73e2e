"""The site's clock is set an hour ahead, then an hour back: nobody is logged out, and no limit lasts for an hour."""

from __future__ import annotations

import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.running.waiting import until
from tests.site.people import Caller
from tests.site.process import RunningSite, running_site
from tests.site.reader import LiveReader
from tests.soak.clocks import HOUR, SiteClock, library

LIBRARY = library()
# One after the other, like all that start whole sites.
pytestmark = [
    pytest.mark.xdist_group("site"),
    pytest.mark.skipif(LIBRARY is None, reason="libfaketime is not installed: apt install libfaketime"),
]


class Stepped:
    """A site and the clock that only it goes by."""

    def __init__(self, site: RunningSite, clock: SiteClock) -> None:
        self.site, self._clock = site, clock

    def to(self, offset: int) -> None:
        """Returns when the site has noticed."""
        self._clock.put(offset)
        until(lambda: abs(self._off() - offset) < 30)

    def _off(self) -> float:
        line = HTTPConnection("localhost", self.site.port, timeout=10)
        line.request("GET", "/healthz")
        told = line.getresponse().headers["Date"]
        line.close()
        return parsedate_to_datetime(told).timestamp() - time.time()


@pytest.fixture(scope="module")
def stepped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stepped]:
    assert LIBRARY is not None
    folder: Path = tmp_path_factory.mktemp("site")
    clock = SiteClock(LIBRARY, folder / "clock")
    with running_site(folder, **clock.settings) as site:
        yield Stepped(site, clock)


def test_a_step_leaves_everybody_who_they_are_and_the_room_in_order(stepped: Stepped) -> None:
    hana, gus = Caller(stepped.site.address), Caller(stepped.site.address)
    code = hana.open_room("Tea")
    name = gus.join(code)
    with LiveReader(stepped.site.port, code, gus.cookies()) as reader:
        for number, offset in enumerate((0, HOUR, 0, -HOUR, 0), 1):
            stepped.to(offset)
            assert name in gus.page("/")
            assert gus.say(code, f"message {number}") == number
        until(lambda: len(reader.bodies) == 5)
        assert reader.bodies == [f"message {number}" for number in range(1, 6)]
    page = hana.page(f"/rooms/{code}")
    assert [page.index(f">message {number}<") for number in range(1, 6)] == sorted(
        page.index(f">message {number}<") for number in range(1, 6)
    )


def test_a_limit_that_was_half_used_does_not_last_until_the_clock_is_back_where_it_was(stepped: Stepped) -> None:
    stepped.to(HOUR)
    hana = Caller(stepped.site.address)
    code = hana.open_room("Tea")
    for number in range(20):  # of 30 a minute
        hana.say(code, f"ahead {number}")

    stepped.to(0)

    for number in range(20):
        status, answer = hana.call(f"/rooms/{code}/messages", {"body": f"back {number}", "client_id": f"back-{number}"})
        assert status == 201, answer


def test_names_can_be_rolled_and_taken_after_each_step(stepped: Stepped) -> None:
    code = Caller(stepped.site.address).open_room("Tea")
    for offset in (HOUR, -HOUR, 0):
        rolled_before = Caller(stepped.site.address)
        rolled_before.call(f"/api/chats/{code}/suggest-username/", {})
        stepped.to(offset)
        assert Caller(stepped.site.address).join(code)
        assert rolled_before.join(code)
