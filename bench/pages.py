"""What a page weighs on its first visit, and what it costs the web process.

Usage: bin/bench pages [--runs 5] [--requests 100]

A whole site is started in a throw-away folder. Bytes are those on the wire, compressed, with an empty cache, as
Chromium counts them; favicon, manifest, icons and the live stream are left out. Processor time is what the kernel has
counted for the process that serves, for the page alone, asked by a visitor over a kept connection.
"""

from __future__ import annotations

import argparse
import http.client
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from bench.report import Report
from tests.site.people import Caller, fill
from tests.site.process import RunningSite, running_site
from tests.support.browsing import ARGUMENTS, DEBIANS

NOT_COUNTED = ("favicon", "manifest", "/stream", "/icons/")
MESSAGES = 50
GOALS = {"room with 50 messages": (60_000, 6)}
"""Bytes and requests (issue 8)."""
NOTE = "Compressed, cold cache, Chromium. Processor time is of the web process for the page alone, without its files."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--requests", type=int, default=100, help="of each page in a run")
    options = parser.parse_args()
    path = os.environ.get("CHATPOP_CHROMIUM") or str(DEBIANS)
    if not Path(path).exists():
        sys.exit("There is no Chromium: set CHATPOP_CHROMIUM to one.")
    with (
        tempfile.TemporaryDirectory() as folder,
        running_site(Path(folder)) as site,
        sync_playwright() as playwright,
    ):
        code = Caller(site.address).open_room("Bench")
        fill(site.address, code, MESSAGES, "Message {}: about as long as what people usually write in a chat")
        pages = {"home": "/", "room with 50 messages": f"/rooms/{code}", "register": "/register"}
        report = Report("pages", "First visits and what pages cost", NOTE)
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        _weigh(report, browser, site, pages, options.runs)
        browser.close()
        _cost(report, site, pages, options.runs, options.requests)
        report.finish()


def _weigh(report: Report, browser: Browser, site: RunningSite, pages: dict[str, str], runs: int) -> None:
    table = report.table("First visit", "bytes")
    for name, path in pages.items():
        most_bytes, most_requests = GOALS.get(name, (None, None))
        found = [_visit(browser, site.address + path) for _ in range(runs)]
        table.add(name, [sum(sizes) for sizes in found], goal=most_bytes)
        table.add(f"{name}: requests", [len(sizes) for sizes in found], unit="requests", goal=most_requests)


def _visit(browser: Browser, address: str) -> list[int]:
    """The bytes of each answer, head and body, that the page has loaded with."""
    context = browser.new_context()
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    sizes: dict[str, int] = {}
    addresses: dict[str, str] = {}

    def asked(event: dict[str, Any]) -> None:
        addresses[event["requestId"]] = event["request"]["url"]

    def came(event: dict[str, Any]) -> None:
        sizes[addresses[event["requestId"]]] = int(event["encodedDataLength"])

    line.on("Network.requestWillBeSent", asked)
    line.on("Network.loadingFinished", came)
    page.goto(address, wait_until="load")
    page.wait_for_timeout(200)
    context.close()
    return [size for url, size in sizes.items() if not any(part in url for part in NOT_COUNTED)]


def _cost(report: Report, site: RunningSite, pages: dict[str, str], runs: int, requests: int) -> None:
    """Each page in turn, so that a busy machine is busy for all."""
    line = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    taken: dict[str, list[float]] = {name: [] for name in pages}
    for run in range(runs + 1):  # the first one warms
        for name, path in pages.items():
            before = _cpu(site)
            for _ in range(requests):
                line.request("GET", path, headers={"Host": f"localhost:{site.port}", "Accept-Encoding": "gzip"})
                answer = line.getresponse()
                answer.read()
                if answer.status != 200:
                    raise RuntimeError(f"{path}: {answer.status}")
            taken[name].extend([(_cpu(site) - before) / requests] if run else [])
    table = report.table("Processor time of the web process a page", "ms")
    for name, samples in taken.items():
        table.add(name, samples)


def _cpu(site: RunningSite) -> float:
    """Milliseconds that the serving processes have run."""
    tasks = [task for pid in site.web_workers() for task in Path(f"/proc/{pid}/task").glob("*/schedstat")]
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e6


if __name__ == "__main__":
    main()
