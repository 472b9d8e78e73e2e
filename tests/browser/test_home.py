"""The dice on the home page, tried before anything else."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.profile import Profile
from tests.support.browsing import MakeProfile

ENDS = """document.getElementById("home-dice").getAnimations({subtree: true})
  .map((animation) => animation.effect.getComputedTiming().endTime)"""


def _rolled(person: Profile) -> str:
    tiles = person.page.locator("#home-dice .dice-rolled")
    expect(tiles).to_be_visible()
    return re.sub(r"\s", "", tiles.inner_text())


def test_a_visitor_rolls_at_once_and_comes_into_a_room_under_that_name(hana: Profile, gus: Profile) -> None:
    link = hana.open_room()
    gus.page.goto("/")

    gus.page.get_by_role("button", name="Roll dice for username").click()
    name = _rolled(gus)
    expect(gus.page.get_by_role("button", name="Roll again")).to_be_focused()
    expect(gus.page.locator("#announcer")).to_contain_text("9 rolls remaining")
    gus.page.goto(link)

    assert gus.join() == name


def test_the_tiles_are_still_after_400_ms_and_never_move_for_who_wants_no_motion(
    gus: Profile, profile: MakeProfile
) -> None:
    for person in (gus, profile(reduced_motion="reduce")):
        person.page.goto("/")
        person.page.get_by_role("button", name="Roll dice for username").click()
        _rolled(person)
        person.page.get_by_role("button", name="Roll again").wait_for()
        times = person.page.evaluate(ENDS)
        assert all(time <= 400 for time in times), times
        if person is not gus:
            assert times == []


def test_the_dice_roll_without_scripts_too(profile: MakeProfile) -> None:
    gus = profile(java_script_enabled=False)
    gus.page.goto("/")

    gus.page.get_by_role("button", name="Roll dice for username").click()

    expect(gus.page.locator("#home-dice")).to_contain_text("is held for you")
    name = gus.page.locator("#home-dice strong").inner_text()
    gus.open_room()
    expect(gus.chip).to_have_text(name)
