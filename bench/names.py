"""What a roll, a check and a claim cost as the table of names grows, and as a small namespace fills.

Usage: bin/bench names [--database sqlite|postgres] [--huge] [--rounds 300] [--json file]

A Valkey and a database are started in a throw-away folder. ``--huge`` adds ten million names. Times are
microseconds of wall clock a call: the best of the rounds' ends says more about the code than the worst. ``cpu``
is the processor time a call of this process, the database and Valkey together, the median of five batches: on
a shared machine it says more than the clock.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import event, text
from sqlalchemy.dialects import postgresql, sqlite

from chatpop.app import create_app
from chatpop.config import Config
from chatpop.core import clock
from chatpop.core.limits import Bucket
from chatpop.core.transactions import transaction
from chatpop.extensions import db, redis_store
from chatpop.identity.models import User
from chatpop.names import availability, crowding, registry, rolling, vocabulary
from chatpop.names.dice import Dice
from chatpop.names.key import canonical_key
from chatpop.names.models import Name, NameKind, NameState
from chatpop.names.rolling import RollLimits
from chatpop.names.vocabulary import Words
from tests.running.waiting import family
from tests.support.postgres import make_database, running_postgres
from tests.support.valkey import running_valkey

SECRET = "benchmarks-own-key-0123456789-abcdefghij"
SIZES, HUGE = (10_000, 100_000, 1_000_000), 10_000_000
FILLS = (0.0, 0.5, 0.9)
CHUNK = 20_000
BATCHES = 5
Row = dict[str, Any]


def main() -> None:
    options = _options()
    rows: list[Row] = []
    for database in [options.database] if options.database else ["sqlite", "postgres"]:
        with _site(database) as app, app.app_context():
            rows += _growth(database, [*SIZES, *([HUGE] if options.huge else [])], options.rounds)
        with _site(database) as app, app.app_context():
            counter = _count_queries()
            rows += _filling(database, options.rounds, counter)
    _print(rows)
    if options.json:
        Path(options.json).write_text(json.dumps(rows, indent=1))


def _growth(database: str, sizes: list[int], rounds: int) -> list[Row]:
    """Roll, check and claim at each size of the table."""
    rows: list[Row] = []
    user_id, have = _user(), 0
    for size in sizes:
        _fill(_spread(size), have, size)
        have = size
        names = [rolling.dice.candidate(5) for _ in range(rounds)]
        for what, work in _works(names, user_id).items():
            rows.append({"database": database, "names": size, "what": what, **_time(work, rounds)})
    return rows


def _works(names: list[str], user_id: int) -> dict[str, Callable[[int], object]]:
    network = Bucket("bench", "192.0.2.1", 1_000_000, 3600)
    return {
        "redis set": lambda n: redis_store.client.set("bench", str(n)),
        "roll": lambda n: rolling.roll(f"visitor:{n}", RollLimits(1, [network])),
        "check": lambda n: availability.check(names[n], user_id=None, rollers=[]),
        "claim": lambda n: _claim(names[n], user_id),
    }


def _filling(database: str, rounds: int, counter: list[int]) -> list[Row]:
    """Throws among 20,000 names of three digits, at each share in use; the site adds no digit meanwhile."""
    rows: list[Row] = []
    lists = Words(("happy", "calm", "brave", "quick", "sunny"), ("panda", "otter", "robin", "moose"), frozenset())
    rolling.dice, kept = Dice(words=lambda: lists), rolling.dice
    crowding.CROWDED_SHARE, share = 2.0, crowding.CROWDED_SHARE
    space = _space(lists)
    have = 0
    for fill in FILLS:
        want = int(len(space) * fill)
        _fill((space[n] for n in itertools.count()), have, want)
        have = want
        _forget_holds()
        for n in range(200):  # the process learns how crowded it is
            rolling.fresh_name(f"visitor:warm{n % 5}")
            _forget_holds()
        counter[0] = 0
        row = _time(lambda n: rolling.fresh_name(f"visitor:{n}"), rounds)
        rows.append({"database": database, "full": fill, "what": "throw", **row, "queries": counter[0] / rounds})
    rolling.dice = kept
    crowding.CROWDED_SHARE = share
    return rows


def _time(work: Callable[[int], object], rounds: int) -> Row:
    """Microseconds a call over ``rounds`` calls: the least, the median and the most; and of processor time."""
    taken, spent = [], []
    for batch in range(BATCHES):
        numbers = range(batch * rounds // BATCHES, (batch + 1) * rounds // BATCHES)
        before = _processor_time()
        for number in numbers:
            start = time.perf_counter()
            work(number)
            taken.append((time.perf_counter() - start) * 1e6)
        spent.append((_processor_time() - before) / len(numbers))
    return {
        "min": round(min(taken)),
        "median": round(statistics.median(taken)),
        "max": round(max(taken)),
        "cpu": round(statistics.median(spent)),
    }


def _processor_time() -> float:
    """Microseconds that this process and all its children have run so far."""
    total = 0
    for pid in (os.getpid(), *family(os.getpid())):
        for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                total += int(thread.read_text().split()[0])
    return total / 1000


def _claim(name: str, user_id: int) -> None:
    with contextlib.suppress(registry.NameTaken), transaction() as session:
        registry.claim(session, name, user_id=user_id, kind=NameKind.ROOM, rollers=[])


def _spread(size: int) -> Iterator[str]:
    """Names as the dice throws them, three digits each, in an order that spreads over all pairs."""
    lists = vocabulary.words()
    pairs = [a.capitalize() + b.capitalize() for a, b in lists.pairs() if len(a) + len(b) <= 21]
    step = 7_919
    for number in itertools.count():
        yield f"{pairs[number * step % len(pairs)]}{(number // len(pairs) * 37 + number) % 1000:03d}"


def _space(lists: Words) -> list[str]:
    names = [f"{a.capitalize()}{b.capitalize()}{n:03d}" for n in range(1000) for a, b in lists.pairs()]
    return sorted(names, key=lambda name: hash(("order", name[::-1])))


def _fill(names: Iterator[str], have: int, want: int) -> None:
    """Bring the table from ``have`` to ``want`` names; equal keys count once."""
    now = clock.now()
    source = itertools.islice(names, have, None)
    while have < want:
        chunk = {canonical_key(name): name for name in itertools.islice(source, min(CHUNK, want - have))}
        rows = [
            {"key": key, "display": name, "user_id": None, "kind": NameKind.ACCOUNT, "state": NameState.RETIRED,
             "claimed_at": now, "rests_until": None}
            for key, name in chunk.items()
        ]  # fmt: skip
        with db.engine.begin() as connection:
            connection.execute(_insert(), rows)
        have += len(chunk)
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE names" if connection.dialect.name == "postgresql" else "ANALYZE"))


def _insert() -> Any:
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    return dialect.insert(Name).on_conflict_do_nothing(index_elements=[Name.key])


def _user() -> int:
    now = clock.now()
    with transaction() as session:
        user = User(username="bench", created_at=now, last_seen_at=now)
        session.add(user)
        session.flush()
        return user.id


def _forget_holds() -> None:
    redis_store.client.flushall()


def _count_queries() -> list[int]:
    counter = [0]

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        counter[0] += statement.startswith("SELECT")

    event.listen(db.engine, "before_cursor_execute", count)
    return counter


@contextlib.contextmanager
def _site(database: str) -> Iterator[Flask]:
    with contextlib.ExitStack() as stack:
        valkey = stack.enter_context(running_valkey())
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        url = f"sqlite:///{folder}/site.sqlite3"
        if database == "postgres":
            url = make_database(stack.enter_context(running_postgres()), "bench")
        environ = {
            "DATABASE_URL": url,
            "REDIS_URL": valkey.url,
            "DATA_DIR": folder,
            "SECRET_KEY": SECRET,
            "MAX_ANONYMOUS_USERNAME_GENERATION_ATTEMPTS": "1000000",
        }
        app = create_app(Config.from_environ(environ))
        with app.app_context():
            upgrade()
            yield app
            db.session.remove()
            db.engine.dispose()


def _print(rows: list[Row]) -> None:
    print(
        f"{'database':<9} {'names / full':>13} {'what':<10} {'min':>8} {'median':>8} {'max':>9}"
        f" {'cpu':>7} {'queries':>8}"
    )
    for row in rows:
        size = f"{row['names']:,}" if "names" in row else f"{row['full']:.0%}"
        queries = f"{row['queries']:.2f}" if "queries" in row else ""
        print(
            f"{row['database']:<9} {size:>13} {row['what']:<10} {row['min']:>8,} {row['median']:>8,} {row['max']:>9,}"
            f" {row['cpu']:>7,} {queries:>8}"
        )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--database", choices=["sqlite", "postgres"])
    parser.add_argument("--huge", action="store_true", help="also with ten million names")
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--json", help="write the figures to this file")
    return parser.parse_args()


if __name__ == "__main__":
    main()
