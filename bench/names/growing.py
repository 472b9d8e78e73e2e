"""Rolling, checking and claiming as the table of names grows, and as a small namespace fills; the sizes in turn."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import event

from bench.names import filling
from bench.names.sites import Sites, cpu_each, forget_holds
from bench.report import Report
from chatpop.core.limits import Bucket
from chatpop.core.transactions import transaction
from chatpop.extensions import db, redis_store
from chatpop.names import availability, crowding, registry, rolling
from chatpop.names.dice import Dice
from chatpop.names.models import NameKind
from chatpop.names.rolling import RollLimits
from chatpop.names.vocabulary import Words

FILLS = (0.0, 0.5, 0.9)
GOALS = {"roll": 1.2, "check": 2.0}
"""Of the largest table against the smallest (issue 7)."""
FILL_GOALS = {"CPU": 2.0, "queries": 2.0}
LISTS = Words(("happy", "calm", "brave", "quick", "sunny"), ("panda", "otter", "robin", "moose"), frozenset())
UNIT = "µs of all processes"


def growth(report: Report, database: str, sites: Sites, sizes: list[int], runs: int, calls: int) -> None:
    """Microseconds a call at each size of the table."""
    works: dict[int, tuple[Flask, dict[str, Callable[[int], object]]]] = {}
    for size in sizes:
        app = sites.make(f"bench{size}")
        with app.app_context():
            filling.fill(filling.spread(), size)
            names = [rolling.dice.candidate(5) for _ in range((runs + 1) * calls)]
            works[size] = app, _works(names, filling.user())
    taken: dict[tuple[str, int], list[float]] = {}
    for run in range(runs + 1):  # the first one warms
        for size, (app, calls_of) in works.items():
            with app.app_context():
                forget_holds()
                for what, work in calls_of.items():
                    spent = cpu_each(work, range(run * calls, (run + 1) * calls))
                    taken.setdefault((what, size), []).extend([spent] if run else [])
    table = report.table(f"{database}: as the table grows", UNIT)
    for (what, size), samples in sorted(taken.items(), key=lambda item: list(works[sizes[0]][1]).index(item[0][0])):
        table.add(f"{what}, {size:,} names", samples)
    for what in ("roll", "check", "claim"):
        table.ratio(
            f"{what}, {sizes[-1]:,} / {sizes[0]:,}", taken[what, sizes[-1]], taken[what, sizes[0]], goal=GOALS.get(what)
        )


def _works(names: list[str], user_id: int) -> dict[str, Callable[[int], object]]:
    network = Bucket("bench", "192.0.2.1", 1_000_000, 3600)
    return {
        "Redis SET": lambda n: redis_store.client.set("bench", str(n)),
        "roll": lambda n: rolling.roll(f"visitor:{n}", RollLimits(1, [network])),
        "check": lambda n: availability.check(names[n], user_id=None, rollers=[]),
        "claim": lambda n: _claim(names[n], user_id),
    }


def _claim(name: str, user_id: int) -> None:
    with contextlib.suppress(registry.NameTaken), transaction() as session:
        registry.claim(session, name, user_id=user_id, kind=NameKind.ROOM, rollers=[])


def filled(report: Report, database: str, sites: Sites, runs: int, calls: int) -> None:
    """Throws among 20,000 names of three digits, at each share in use; the site adds no digit meanwhile."""
    rolling.dice, kept = Dice(words=lambda: LISTS), rolling.dice
    crowding.CROWDED_SHARE, share = 2.0, crowding.CROWDED_SHARE
    names, apps, counter = filling.space(LISTS), dict[float, Flask](), [0]
    for fill in FILLS:
        apps[fill] = sites.make(f"full{fill * 100:.0f}")
        with apps[fill].app_context():
            filling.fill(names, int(len(names) * fill))
            event.listen(db.engine, "before_cursor_execute", _count_into(counter))
    taken: dict[float, list[float]] = {fill: [] for fill in FILLS}
    queries: dict[float, list[float]] = {fill: [] for fill in FILLS}
    learnt = dict.fromkeys(FILLS, 0.0)
    for run in range(runs + 2):  # in the first two the process learns how crowded it is
        for fill, app in apps.items():
            with app.app_context():
                forget_holds()
                crowding._share = learnt[fill]
                counter[0] = 0
                spent = cpu_each(lambda n: rolling.fresh_name(f"visitor:{n}"), range(calls))
                learnt[fill] = crowding._share
                if run > 1:
                    taken[fill].append(spent)
                    queries[fill].append(counter[0] / calls)
    table = report.table(f"{database}: a throw as a namespace fills", UNIT)
    for fill in FILLS:
        table.add(f"{fill:.0%} full", taken[fill])
    table.add("queries a throw, 90% full", queries[0.9], unit="queries", goal=FILL_GOALS["queries"])
    table.ratio("90% full / empty", taken[0.9], taken[0.0], goal=FILL_GOALS["CPU"])
    rolling.dice, crowding.CROWDED_SHARE, crowding._share = kept, share, 0.0


def _count_into(counter: list[int]) -> Callable[..., None]:
    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        counter[0] += statement.startswith("SELECT")

    return count
