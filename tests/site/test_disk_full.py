"""The disk is full under a running site, and has room again.

Nobody needs to be root for it: a limit on the size of the serving process's files (``RLIMIT_FSIZE``) lets
its writes fail in the same places.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.running.waiting import until
from tests.site.pages import fetch
from tests.site.people import Caller
from tests.site.process import RunningSite, running_site
from tests.site.reader import LiveReader

# One after the other, like all that start whole sites.
pytestmark = pytest.mark.xdist_group("site")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[RunningSite]:
    with running_site(tmp_path) as running:
        yield running


def test_writing_is_refused_with_a_sentence_reading_goes_on_and_then_all_is_well(site: RunningSite) -> None:
    hana, gus = Caller(site.address), Caller(site.address)
    code = hana.open_room("Tea")
    gus.join(code)
    hana.say(code, "before")
    with LiveReader(site.port, code) as reader:
        until(lambda: reader.bodies == ["before"])

        with _no_room(site):
            for number in range(3):
                status, answer = gus.call(f"/rooms/{code}/messages", {"body": "lost?", "client_id": f"full-{number}"})
                assert status in (503, 507), answer
                assert answer["error"].endswith(".")
            page = fetch(site.address, "/rooms", "name=Coffee&visibility=public")
            assert page.status in (503, 507)
            for path in ("/", f"/rooms/{code}", f"/rooms/{code}/messages", "/login"):
                assert fetch(site.address, path).status == 200, path
            assert ">before<" in fetch(site.address, f"/rooms/{code}").text
            with LiveReader(site.port, code) as newcomer:
                until(lambda: newcomer.bodies == ["before"])

        assert gus.call(f"/rooms/{code}/messages", {"body": "lost?", "client_id": "full-0"})[0] == 201
        assert hana.say(code, "after") == 3
        until(lambda: reader.bodies == ["before", "lost?", "after"])
        Caller(site.address).open_room("Coffee")
    assert "Traceback" not in site.log.read_text()


@contextmanager
def _no_room(site: RunningSite) -> Iterator[None]:
    """No file of the serving process may grow, nor be written behind its first page."""
    (pid,) = site.web_workers()
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
