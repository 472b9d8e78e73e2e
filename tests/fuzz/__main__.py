"""The command ``bin/fuzz``: ends with 0 when nothing that was sent was a fault of the site's, 1 otherwise."""

from __future__ import annotations

import argparse
import itertools
import json
import random
import signal
import sys
import tempfile
import threading
import time
import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from hypothesis.errors import HypothesisWarning

from tests.fuzz import documented
from tests.fuzz.rounds import Round, fresh_site
from tests.fuzz.sending import Tally

DATABASES = ("sqlite", "postgres")
ROUND_SECONDS = 240.0


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    asked_to_end = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):  # what was found until then is told
        signal.signal(number, lambda number, frame: asked_to_end.set())
    warnings.simplefilter("ignore", HypothesisWarning)
    print(f"Fuzzing for {options.minutes:g} minutes with seed {options.seed} …", file=sys.stderr, flush=True)
    tally, begun = Tally(), time.monotonic()
    clock = Clock(begun + options.minutes * 60, asked_to_end)
    chosen = [options.database] if options.database else DATABASES
    for number, database in zip(itertools.count(options.seed), itertools.cycle(chosen), strict=False):
        one_round(number, database, tally, clock)
        if clock.is_over():
            break
    minutes = (time.monotonic() - begun) / 60
    print(f"{minutes:.0f} minutes from seed {options.seed} on {' and '.join(chosen)}: {table(tally)}")
    if options.json:
        routes = {rule: dict(sorted(counts.items())) for rule, counts in sorted(tally.statuses.items())}
        figures = {
            "seed": options.seed,
            "minutes": minutes,
            "requests": tally.total,
            "routes": routes,
            "faults": list(tally.faults),
        }
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 1 if tally.faults else 0


class Clock(NamedTuple):
    """When it is over: at a moment, or as soon as somebody asks for the end."""

    end: float
    asked: threading.Event

    def is_over(self, by: float = float("inf")) -> bool:
        return self.asked.is_set() or time.monotonic() > min(self.end, by)


def one_round(number: int, database: str, tally: Tally, clock: Clock) -> None:
    """A site of its own, so that what the round before has closed, banned or deleted is there again."""
    known = set(tally.faults)
    with tempfile.TemporaryDirectory(prefix="chatpop-fuzz-") as folder, fresh_site(Path(folder), database) as place:
        site, app = place
        last = time.monotonic() + ROUND_SECONDS
        round_ = Round(site, app, number, tally, lambda: clock.is_over(last))
        before = tally.total
        for way in (round_.walk, round_.draw, lambda: documented.follow(round_)):
            if not round_.is_over():
                way()
        if not site.is_up():
            tally.fault(f"the site is not up after round {number}", "")
        print(f"round {number} on {database}: {tally.total - before} requests", file=sys.stderr, flush=True)
        if new := set(tally.faults) - known:
            said = [line for line in site.log.read_text().splitlines() if "Traceback" in line or '"error"' in line]
            for what in sorted(new):
                print(f"{what}\n    {tally.faults[what].curl}", file=sys.stderr, flush=True)
            print("\n".join(said[-5:]), file=sys.stderr, flush=True)


def table(tally: Tally) -> str:
    """Each route with its statuses, the sums, and what was wrong with a line for a shell."""
    sums = sum(tally.statuses.values(), Counter[int]())
    lines = [f"{tally.total:,} requests to {len(tally.statuses)} routes and calls", ""]
    lines += [f"{rule:70} {_counts(counts)}" for rule, counts in sorted(tally.statuses.items())]
    lines += ["", f"{'together':70} {_counts(sums)}", ""]
    lines += [f"{fault.what}\n    {fault.curl}" for fault in tally.faults.values()]
    lines.append(f"{len(tally.faults)} faults." if tally.faults else "No fault of the site's.")
    return "\n".join(lines)


def _counts(counts: Counter[int]) -> str:
    return "  ".join(f"{status}: {count}" for status, count in sorted(counts.items()))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/fuzz", description="Send hostile requests to a running site.")
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--database", choices=DATABASES, help="one only (default: both, in turn)")
    parser.add_argument("--seed", type=int, default=random.randrange(10_000), help="of the first round")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
