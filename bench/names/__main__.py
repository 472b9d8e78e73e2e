"""What a roll, a check and a claim cost: over HTTP, as the table of names grows, and as a small namespace fills.

Usage: bin/bench names [--database sqlite|postgres] [--huge] [--only http|growth|fill] [--runs 5]

Servers are started in a throw-away folder. ``--huge`` adds ten million names (some GB of disk). All figures are
processor time, which says more than the clock on a shared machine; whatever is compared is measured in turn.
"""

from __future__ import annotations

import argparse

from redis import Redis

from bench.names import endpoints, filling, growing
from bench.names.site import ROOM_ID
from bench.names.sites import Sites, sites
from bench.report import Report
from chatpop.core import clock
from chatpop.core.transactions import transaction
from chatpop.rooms.models import Room, Visibility

SIZES, HUGE = [10_000, 1_000_000], 10_000_000
CALLS, REQUESTS = 100, 200
CODE = "MEACHT"
NOTE = (
    "The null endpoint knows the viewer, charges the same three buckets, sets the same cookie and asks Redis once "
    "more; it finds no room, throws nothing, reads no table, holds no name and renders nothing. A new visitor comes "
    "every eight rolls. One million names are in the table. Other figures are of calls without HTTP and count the "
    "database and Valkey too."
)


def main() -> None:
    options = _options()
    report = Report("names", "Rolling, checking and claiming names", NOTE)
    for database in [options.database] if options.database else ["sqlite", "postgres"]:
        called = {"sqlite": "SQLite", "postgres": "PostgreSQL"}[database]
        parts = [options.only] if options.only else ["http", "growth", "fill"]
        with sites(database) as made:
            if "http" in parts:
                _http(report, called, made, options.runs)
            if "growth" in parts:
                sizes = [*SIZES, *([HUGE] if options.huge else [])]
                growing.growth(report, called, made, sizes, options.runs, CALLS)
            if "fill" in parts:
                growing.filled(report, called, made, options.runs, CALLS)
    report.finish()


def _http(report: Report, database: str, made: Sites, runs: int) -> None:
    app = made.make("http")
    with app.app_context():
        filling.fill(filling.spread(), SIZES[-1])
        _open_room()
    with endpoints.web_process(made.environ("http")) as web:
        endpoints.measure(report, database, web, Redis.from_url(made.redis_url), CODE, runs, REQUESTS)


def _open_room() -> None:
    now = clock.now()
    with transaction() as session:
        session.add(
            Room(
                id=ROOM_ID, code=CODE, name="Bench", visibility=Visibility.PUBLIC, invite="x", last_seq=0,
                created_at=now, active_at=now,
            )
        )  # fmt: skip


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--database", choices=["sqlite", "postgres"])
    parser.add_argument("--huge", action="store_true", help="also with ten million names")
    parser.add_argument("--only", choices=["http", "growth", "fill"])
    parser.add_argument("--runs", type=int, default=5)
    return parser.parse_args()


if __name__ == "__main__":
    main()
