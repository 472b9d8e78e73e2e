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


@pytest.mark.parametrize("has_own_clock", [True, False])
@pytest.mark.parametrize("on_postgres", [True, False])
def test_the_first_round_has_every_kind_once_that_can_befall_the_site(on_postgres: bool, has_own_clock: bool) -> None:
    expected = set(Disaster) - (set() if on_postgres else set(POSTGRES))
    expected -= set() if has_own_clock else {Disaster.STEP_CLOCK}

    drawn = plan(3, 120, on_postgres=on_postgres, has_own_clock=has_own_clock)[: len(expected)]

    assert {one.disaster for one in drawn} == expected
    assert len(drawn) == len(expected)


def test_a_calm_run_has_the_same_disasters_further_apart() -> None:
    quick, calm = plan(5, 600, on_postgres=False), plan(5, 600, on_postgres=False, calm=4)

    assert [one.disaster for one in quick] == [one.disaster for one in calm]
    assert sum(one.after for one in calm) > 3 * sum(one.after for one in quick)


def test_there_are_enough_for_the_time() -> None:
    assert sum(one.after for one in plan(1, 3600, on_postgres=True)) > 0.8 * 3600


def test_a_run_ends_in_peace() -> None:
    assert room_for(110, 120)
    assert not room_for(115, 120)
