"""Workers are forks of a master that has loaded the site: a successor is there at once, and inherits nothing open."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running.waiting import alive, until
from tests.site.people import Caller
from tests.site.process import RunningSite, running_site
from tests.site.reader import LiveReader

# One after the other, like all that start whole sites.
pytestmark = pytest.mark.xdist_group("site")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    with running_site(tmp_path_factory.mktemp("site"), 2) as running:
        yield running


def test_a_killed_worker_is_replaced_in_a_small_part_of_the_time_that_loading_takes(tmp_path: Path) -> None:
    begun = time.monotonic()
    with running_site(tmp_path) as site:
        starting = time.monotonic() - begun
        times = []
        for _ in range(5):
            (worker,) = site.web_workers()
            killed_at = time.monotonic()
            site.kill_web_worker()
            until(lambda gone=worker: not alive(gone))  # type: ignore[misc]
            assert site.is_up()
            times.append(time.monotonic() - killed_at)
        assert min(times) < starting / 4, (times, starting)


def test_the_master_holds_no_connection_and_no_thread(site: RunningSite) -> None:
    Caller(site.address).open_room("Tea")
    master = site.program("gunicorn")

    assert [path.name for path in Path(f"/proc/{master}/task").iterdir()] == [str(master)]
    opened = [os.readlink(one) for one in Path(f"/proc/{master}/fd").iterdir()]
    assert sum(name.startswith("socket:") for name in opened) == 1  # the one that listens
    assert not [name for name in opened if "sqlite" in name or "valkey" in name]


def test_readers_of_two_forks_hear_each_other_and_a_successor(site: RunningSite) -> None:
    hana = Caller(site.address)
    code = hana.open_room("Tea")
    with LiveReader(site.port, code) as one, LiveReader(site.port, code) as other:
        for number in range(1, 6):
            hana.say(code, f"message {number}")
        site.kill_web_worker()
        for number in range(6, 11):
            hana.say(code, f"message {number}")
        for reader in (one, other):
            until(lambda reader=reader: len(reader.bodies) == 10)  # type: ignore[misc]
            assert reader.bodies == [f"message {number}" for number in range(1, 11)]
