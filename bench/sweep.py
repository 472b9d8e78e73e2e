"""How long a sweep takes, and how long people wait meanwhile, on a whole site of its own.

Usage: bin/bench sweep [--database sqlite|postgres] [--guests 100000] [--due 1000]
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.lifecycle.sweeping_site import sweep_under_load, told
from tests.support.postgres import make_database, running_postgres


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=["sqlite", "postgres"])
    parser.add_argument("--guests", type=int, default=100_000)
    parser.add_argument("--due", type=int, default=1_000)
    options = parser.parse_args()
    for database in [options.database] if options.database else ["sqlite", "postgres"]:
        print(f"{database}, {options.guests:,} guests, {options.due:,} due")
        print(_measure(database, options.guests, options.due), flush=True)


def _measure(database: str, guests: int, due: int) -> str:
    with tempfile.TemporaryDirectory() as folder:
        if database == "sqlite":
            return told(sweep_under_load(Path(folder), guests=guests, due=due))
        with running_postgres() as server:
            url = make_database(server, "bench")
            return told(sweep_under_load(Path(folder), guests=guests, due=due, database_url=url))


if __name__ == "__main__":
    main()
