"""A hundred thousand guests of whom one in a hundred is due, while people go on talking."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lifecycle.sweeping_site import percentile, sweep_under_load, told

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("site")]
GUESTS, DUE = 100_000, 1_000


def test_it_takes_less_than_a_minute_and_the_site_answers(tmp_path: Path) -> None:
    swept = sweep_under_load(tmp_path, guests=GUESTS, due=DUE)
    print(told(swept))
    assert (swept.count, swept.again) == (DUE, 0)
    assert swept.seconds < 60
    assert swept.during.wrong == []
    assert len(swept.during.writes) > 10
    assert percentile(swept.during.writes, 0.95) < 1_000
    assert max(swept.during.reads + swept.during.writes) < 5_000
