"""Redis hangs under a running site: it takes connections, and answers none."""

from __future__ import annotations

import http.client
import secrets
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.running.waiting import until
from tests.site.pages import fetch
from tests.site.people import Caller
from tests.site.process import RunningSite, running_site
from tests.support.valkey import RunningValkey, hung

# One after the other, like all that start whole sites.
pytestmark = pytest.mark.xdist_group("site")
FAILURES = 3
QUICK = 1.5
"""Seconds on a busy machine; what needs an answer of Redis waits for three."""


@pytest.fixture
def site(own_valkey: RunningValkey, tmp_path: Path) -> Iterator[RunningSite]:
    settings = {"REDIS_URL": own_valkey.url, "MAX_LOGIN_FAILURES_PER_NETWORK": str(FAILURES)}
    with running_site(tmp_path, **settings) as running:
        until(lambda: fetch(running.address, "/readyz").status == 200, seconds=30)
        yield running


def test_nobody_who_reads_waits_for_it_and_all_is_well_soon_after(site: RunningSite, own_valkey: RunningValkey) -> None:
    hana = Caller(site.address)
    code = hana.open_room("Tea")
    hana.say(code, "before")
    cookies = hana.cookies()
    reading: list[Callable[[], object]] = [
        lambda: open_stream(site, code, cookies),
        lambda: open_stream(site, code),
        lambda: fetch(site.address, f"/rooms/{code}", cookies=cookies),
        lambda: fetch(site.address, f"/rooms/{code}/messages"),
        lambda: fetch(site.address, "/"),
    ]
    for read in reading:
        with hung(own_valkey):
            assert seconds_of(read) < QUICK
        until(lambda: Caller(site.address).call("/api/accounts/suggest-username/", {})[0] == 200, seconds=30)


def test_those_whose_process_is_killed_meanwhile_are_back_at_once(site: RunningSite, own_valkey: RunningValkey) -> None:
    code = Caller(site.address).open_room("Tea")
    with hung(own_valkey), ThreadPoolExecutor(20) as crowd:
        site.kill_web_worker()
        until(site.is_up, seconds=30)
        assert max(crowd.map(lambda _: seconds_of(lambda: open_stream(site, code)), range(20))) < QUICK


def test_writing_goes_on_names_wait_and_the_password_is_guarded_all_the_same(
    site: RunningSite, own_valkey: RunningValkey
) -> None:
    hana = Caller(site.address)
    code = hana.open_room("Tea")
    with hung(own_valkey):
        assert post(hana, code) == 201  # waits as long as a busy disk may take
        assert seconds_of(lambda: post(hana, code)) < QUICK
        begun = time.monotonic()
        status, answer = hana.call("/api/accounts/suggest-username/", {})
        assert (status, answer["code"], answer["retry_after"]) == (503, "away", 5)
        assert time.monotonic() - begun < QUICK
        assert [log_in(site) for _ in range(FAILURES + 1)] == [401] * FAILURES + [429]


def open_stream(site: RunningSite, code: str, cookies: str = "") -> None:
    """Until the answer has begun."""
    connection = http.client.HTTPConnection("localhost", site.port, timeout=30)
    connection.request("GET", f"/rooms/{code}/stream?after=0", headers={"Cookie": cookies})
    assert connection.getresponse().status == 200
    connection.close()


def post(author: Caller, code: str) -> int:
    return author.call(f"/rooms/{code}/messages", {"body": "tea", "client_id": secrets.token_hex(8)})[0]


def log_in(site: RunningSite) -> int:
    return fetch(site.address, "/api/v1/login", "username=Nobody&password=maple-otter-kettle-42").status


def seconds_of(what: Callable[[], object]) -> float:
    begun = time.monotonic()
    what()
    return time.monotonic() - begun
