"""The oracle's readers come back as the site's own page does, and never all together."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from tests.soak.reading import _pause

LIVE = (Path(__file__).resolve().parents[2] / "static/js/live.js").read_text()
SECONDS = 12
"""For so long at least a site is about to be back."""


def test_a_crowd_comes_back_spread_out() -> None:
    for tries, width in ((0, 0.25), (3, 0.5), (6, 0.9), (20, 2.0), (50, 10.0)):
        pauses = [_pause(tries, random.Random(seed)) for seed in range(200)]
        assert max(pauses) - min(pauses) > width


def test_nobody_waits_long_in_the_first_seconds_nor_asks_often_for_ever() -> None:
    pauses = [[_pause(tries, random.Random(f"{seed} {tries}")) for tries in range(60)] for seed in range(100)]
    for one in pauses:
        tries = next(number for number in range(60) if sum(one[: number + 1]) > SECONDS)
        assert max(one[:tries]) <= 2.0
        assert min(one[11:]) >= 2.5
        assert min(one[41:]) >= 15.0


@pytest.mark.parametrize("tries", [0, 1, 5, 10, 11, 40, 41, 100])
def test_the_page_waits_the_same(tries: int) -> None:
    """The page's own formula, read out of its source."""
    first, jitter = re.search(r"tries === 0\) return (\d+) \+ Math\.random\(\) \* (\d+)", LIVE).groups()  # type: ignore[union-attr]
    grown = re.search(
        r"Math\.min\(most\(tries\), (\d+) \* ([\d.]+) \*\* tries\) \* \(0\.5 \+ Math\.random\(\) / 2\)", LIVE
    )
    caps = re.search(r"tries > (\d+) \? (\d+) : tries > (\d+) \? (\d+) : (\d+)", LIVE)
    assert grown
    assert caps
    last, most_last, later, most_later, most = map(int, caps.groups())
    least, longest = int(first) / 1000, (int(first) + int(jitter)) / 1000
    if tries:
        cap = most_last if tries > last else most_later if tries > later else most
        longest = min(cap, int(grown[1]) * float(grown[2]) ** tries) / 1000
        least = longest / 2
    pauses = [_pause(tries, random.Random(seed)) for seed in range(500)]
    assert min(pauses) == pytest.approx(least, rel=0.05)
    assert max(pauses) == pytest.approx(longest, rel=0.05)
