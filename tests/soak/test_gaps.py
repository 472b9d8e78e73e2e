"""How long a reader was behind is measured from the break of the line to the last thing that was missed."""

from __future__ import annotations

import pytest

from tests.soak.gaps import delays, gaps, spread
from tests.soak.history import MESSAGE, Ack, Heard, History, Line, Post, Reading


def history(*, heard_at: dict[int, float], lines: list[Line], acked_at: dict[int, float]) -> History:
    posts = [Post("TEA", "w", f"c{seq}", "x", at - 1, [Ack(seq, at)]) for seq, at in acked_at.items()]
    heard = [Heard(seq, MESSAGE, seq, "x", False, at, 0) for seq, at in heard_at.items()]
    return History(posts=posts, readings=[Reading("r", "TEA", heard=heard, lines=lines)])


def test_a_reader_who_missed_nothing_is_complete_as_soon_as_the_line_is_open() -> None:
    seen = history(heard_at={1: 5.0}, acked_at={1: 5.0}, lines=[Line(0.0, 10.0), Line(12.0)])

    assert [gap.seconds for gap in gaps(seen)] == [2.0]


def test_the_last_message_acknowledged_before_the_line_is_open_again_ends_the_gap() -> None:
    seen = history(
        heard_at={1: 5.0, 2: 13.0, 3: 13.5, 4: 20.0},
        acked_at={1: 5.0, 2: 10.5, 3: 11.5, 4: 19.0},
        lines=[Line(0.0, 10.0), Line(12.0)],
    )

    (gap,) = gaps(seen)
    assert gap.broken_at == 10.0
    assert gap.seconds == 3.5


def test_who_never_gets_it_has_a_gap_without_end() -> None:
    seen = history(heard_at={1: 5.0}, acked_at={1: 5.0, 2: 11.0}, lines=[Line(0.0, 10.0), Line(12.0)])

    assert [gap.seconds for gap in gaps(seen)] == [float("inf")]


def test_a_line_that_never_broke_has_no_gap() -> None:
    assert gaps(history(heard_at={}, acked_at={}, lines=[Line(0.0)])) == []


def test_delays_count_from_the_acknowledgement_and_are_never_below_nothing() -> None:
    seen = history(heard_at={1: 4.9, 2: 6.5}, acked_at={1: 5.0, 2: 6.0}, lines=[Line(0.0)])

    assert delays(seen) == [0.0, 0.5]


def test_the_spread_of_a_hundred_figures() -> None:
    size, p50, p95, most = spread([float(number) for number in range(1, 101)])

    assert (size, p50, p95, most) == (100, 50.0, 95.0, 100.0)
    assert spread([]) == (0, 0.0, 0.0, 0.0)
    assert spread([1.5]) == pytest.approx((1, 1.5, 1.5, 1.5))
