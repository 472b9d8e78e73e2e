"""``bin/lighthouse [--runs N] [pages …]``: scores of the pages on the emulated phone, medians of five runs.

Ends with 1 where a median is below the goal, and names the audits that cost it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from bench.lighthouse import node
from tests.site.people import Caller, fill
from tests.site.process import RunningSite, running_site

GOAL = 98
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
PAGES = ("home", "room", "register", "login")


def main() -> int:
    parser = argparse.ArgumentParser(prog="bin/lighthouse", description="Measure pages with Lighthouse.")
    parser.add_argument("pages", nargs="*", default=PAGES, metavar="page", help=f"some of {', '.join(PAGES)}")
    parser.add_argument("--runs", type=int, default=5, help="runs of each page (default: 5)")
    parser.add_argument("--out", type=Path, help="a folder that the reports are kept in")
    given = parser.parse_args()
    if unknown := set(given.pages) - set(PAGES):
        parser.error(f"there is no page {', '.join(sorted(unknown))}; choose from {', '.join(PAGES)}")
    node.install()
    missed = 0
    with tempfile.TemporaryDirectory() as temporary, running_site(Path(temporary)) as site:
        addresses = _addresses(site)
        print(f"{'page':10} {'':15} {'median':>6} {'min':>5} {'max':>5}")
        for page in given.pages:
            folder = (given.out or Path(temporary) / "reports") / page
            folder.mkdir(parents=True, exist_ok=True)
            chromium = os.environ["CHATPOP_CHROMIUM"]
            reports = [node.measure(addresses[page], chromium, folder, number) for number in range(given.runs)]
            missed += _tell(page, reports)
    return 1 if missed else 0


def _addresses(site: RunningSite) -> dict[str, str]:
    """A room with fifty messages, and public rooms for the home page to list."""
    code = Caller(site.address).open_room("Gardeners")
    fill(site.address, code, 50, "Message {}: about as long as what people usually write in a chat")
    return {
        "home": f"{site.address}/",
        "room": f"{site.address}/rooms/{code}",
        "register": f"{site.address}/register",
        "login": f"{site.address}/login",
    }


def _tell(page: str, reports: list[dict[str, Any]]) -> int:
    """Print the scores; the number of those below the goal."""
    missed = 0
    for category in CATEGORIES:
        scores = [round(100 * report["categories"][category]["score"]) for report in reports]
        middle = median(scores)
        print(f"{page:10} {category:15} {middle:6.0f} {min(scores):5} {max(scores):5}", flush=True)
        if middle < GOAL:
            missed += 1
            print(f"           costs: {json.dumps(_costs(reports[-1], category))}", flush=True)
    return missed


def _costs(report: dict[str, Any], category: str) -> dict[str, str]:
    """The audits of a category that are not whole: id -> what was found."""
    found = {}
    for part in report["categories"][category]["auditRefs"]:
        audit = report["audits"][part["id"]]
        if part["weight"] and audit["score"] is not None and audit["score"] < 1:
            found[part["id"]] = str(audit.get("displayValue") or audit["title"])
    return found


if __name__ == "__main__":
    sys.exit(main())
