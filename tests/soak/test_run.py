"""A whole site is killed while people write and read on it, and keeps its promises."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from tests.soak.nemesis import KILLS, Disaster
from tests.soak.report import Report, report, table
from tests.soak.run import Plan, soak

# One after the other, like all that start whole sites.
pytestmark = pytest.mark.xdist_group("site")
SEED = 23
"""Begins with Valkey's data lost, then the web killed twice, first with its master."""


def is_as_promised(found: Report) -> bool:
    """How quickly gaps close is printed and not judged: other tests share the processors."""
    print(f"\n{table(found)}")
    return found.is_right


def test_a_short_soak(tmp_path: Path) -> None:
    found = report(soak(Plan(20, seed=SEED, writers=4, readers=4, rooms=2, rate=60), tmp_path))

    assert is_as_promised(found)
    assert [one.disaster for one in found.outcome.befallen][:2] == [Disaster.VALKEY_EMPTY, Disaster.WEB]
    assert sum(1 for post in found.outcome.history.posts if post.acks) > 50
    assert all(reading.heard for reading in found.outcome.history.readings)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
@pytest.mark.parametrize("web", [1, 2])
def test_a_soak_of_two_minutes(database: Literal["sqlite", "postgres"], web: int, tmp_path: Path) -> None:
    found = report(soak(Plan(120, database, seed=2, web=web, with_clock=True), tmp_path))

    assert is_as_promised(found)
    kinds = [one.disaster for one in found.outcome.befallen]
    assert sum(kind in KILLS for kind in kinds) >= 5
    assert Disaster.EVERYTHING in kinds
