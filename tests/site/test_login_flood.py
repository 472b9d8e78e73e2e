"""Many log-ins at once cost two hashes' memory, and nobody else waits for them (SECURITY row 30)."""

from __future__ import annotations

import statistics
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.site.process import RunningSite, running_site

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("site")]
HEADROOM = 160 * 1024
"""KiB above the resting process: two hashes of 64 MiB, and what fifty requests themselves take."""


def test_fifty_parallel_logins_take_two_hashes_of_memory_and_pages_stay_quick(tmp_path: Path) -> None:
    with running_site(tmp_path, MAX_LOGIN_FAILURES_PER_NETWORK="100000") as site:
        log_in(site, 0)  # one hash before, so that its libraries are loaded
        resting = peak_memory(site)
        quiet = [seconds_of_a_page(site) for _ in range(20)]
        ended, busy = threading.Event(), list[float]()
        reader = threading.Thread(target=lambda: read_until(ended, site, busy))
        reader.start()
        with ThreadPoolExecutor(50) as pool:
            statuses = list(pool.map(lambda number: log_in(site, number), range(50)))
        ended.set()
        reader.join()
        peak = peak_memory(site)

    print(f"\nlog-ins {sorted(set(statuses))}, memory +{(peak - resting) / 1024:.0f} MiB")
    print(f"page p95 {p95(busy) * 1000:.0f} ms of {len(busy)}; without log-ins {p95(quiet) * 1000:.0f} ms")
    assert set(statuses) <= {401, 429, 503}
    assert 401 in statuses, "some were looked at"
    assert peak - resting < HEADROOM
    assert p95(busy) < 0.5


def log_in(site: RunningSite, number: int) -> int:
    form = urllib.parse.urlencode({"username": f"Nobody-{number}", "password": "maple-otter-kettle-42"}).encode()
    try:
        with urllib.request.urlopen(f"{site.address}/api/v1/login", form, timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def read_until(ended: threading.Event, site: RunningSite, seconds: list[float]) -> None:
    while not ended.is_set():
        seconds.append(seconds_of_a_page(site))


def seconds_of_a_page(site: RunningSite) -> float:
    begun = time.monotonic()
    with urllib.request.urlopen(f"{site.address}/login", timeout=30) as answer:
        answer.read()
    return time.monotonic() - begun


def p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1]


def peak_memory(site: RunningSite) -> int:
    """KiB that the serving process had resident at most so far."""
    (pid,) = site.web_workers()
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1])
