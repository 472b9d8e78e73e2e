"""The command ``bin/soak``: ends with 0 when all is as promised, 1 when anything is wrong, 2 when it was only slow."""

from __future__ import annotations

import argparse
import json
import random
import signal
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

from tests.soak import clocks
from tests.soak.report import figures, report, table
from tests.soak.run import Plan, soak

WRONG, SLOW = 1, 2
ACKNOWLEDGED, AT_LEAST_KILLS, LONGEST_CAMPAIGN = 100_000, 50, 120.0


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    asked_to_end = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):  # what has been seen until then is judged
        signal.signal(number, lambda number, frame: asked_to_end.set())
    if options.campaign:
        options.minutes, options.acknowledged, options.kills = LONGEST_CAMPAIGN, ACKNOWLEDGED, AT_LEAST_KILLS
        options.writers, options.rate, options.calm, options.clock = 16, 400.0, 1.5, True
    plan = Plan(
        options.minutes * 60, options.database, options.seed, options.writers, options.readers, options.rooms,
        options.web, options.rate, options.acknowledged, options.kills, options.calm, options.clock,
    )  # fmt: skip
    print(f"A soak of {options.minutes:g} minutes with seed {plan.seed} …", file=sys.stderr, flush=True)
    if plan.with_clock and clocks.library() is None:
        print("libfaketime is not installed, so the clock is left alone.", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="chatpop-soak-") as folder:
        outcome = soak(plan, Path(folder), asked_to_end)
    found = report(outcome)
    print(table(found))
    if options.json:
        options.json.write_text(json.dumps(figures(found), indent=2) + "\n", encoding="utf-8")
    if not found.is_right:
        print(outcome.log, file=sys.stderr)
        return WRONG
    return 0 if found.is_quick else SLOW


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/soak", description="Kill a site again and again while people talk.")
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--seed", type=int, default=random.randrange(10_000), help="of the disasters' schedule")
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--readers", type=int, default=8)
    parser.add_argument("--rooms", type=int, default=4)
    parser.add_argument("--web", type=int, default=1, metavar="N", help="web processes (default: 1)")
    parser.add_argument("--rate", type=float, default=200.0, help="messages a second aimed at (default: 200)")
    parser.add_argument("--acknowledged", type=int, metavar="N", help="end as soon as so many are acknowledged …")
    parser.add_argument("--kills", type=int, default=0, metavar="N", help="… and this many kills have happened")
    parser.add_argument("--calm", type=float, default=1.0, help="factor for the pauses between disasters (default: 1)")
    parser.add_argument("--clock", action="store_true", help="step the site's clock as well; needs libfaketime")
    campaign = (
        f"until {ACKNOWLEDGED:,} are acknowledged and {AT_LEAST_KILLS} kills have happened, clock steps among all"
    )
    parser.add_argument("--campaign", action="store_true", help=campaign)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
