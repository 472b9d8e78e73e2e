"""The schedule of disasters: the same for the same seed, and none forgotten."""

from __future__ import annotations

import pytest

from tests.soak.nemesis import POSTGRES, Disaster, plan, room_for


def test_a_seed_gives_the_same_disasters_again_and_another_seed_gives_others() -> None:
    assert plan(7, 600, on_postgres=True) == plan(7, 600, on_postgres=True)
    assert plan(7, 600, on_postgres=True) != plan(8, 600, on_postgres=True)


def test_a_longer_run_begins_like_a_shorter_one() -> None:
    short, long = plan(7, 60, on_postgres=False), plan(7, 6000, on_postgres=False)

    assert [one.disaster for one in long[:9]] == [one.disaster for one in short[:9]]


@pytest.mark.parametrize("on_postgres", [True, False])
def test_the_first_round_has_every_kind_once(on_postgres: bool) -> None:
    expected = set(Disaster) if on_postgres else set(Disaster) - set(POSTGRES)

    first = [one.disaster for one in plan(3, 120, on_postgres=on_postgres)[: len(expected)]]

    assert set(first) == expected
    assert len(first) == len(expected)


def test_there_are_enough_for_the_time() -> None:
    assert sum(one.after for one in plan(1, 3600, on_postgres=True)) > 0.8 * 3600


def test_a_run_ends_in_peace() -> None:
    assert room_for(110, 120)
    assert not room_for(115, 120)
