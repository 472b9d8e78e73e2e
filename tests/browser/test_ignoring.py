"""Ignoring somebody from the list of people: what they write next stays out of sight, also when it comes live."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.profile import Profile


def test_what_an_ignored_person_writes_live_is_hidden_until_undone(hana: Profile, gus: Profile) -> None:
    name = gus.come_in(hana.open_room())
    gus.say("look at my shop")
    expect(hana.message("look at my shop")).to_be_visible()

    hana.page.get_by_role("link", name=name).first.click()
    hana.page.get_by_role("button", name=f"Ignore {name}").click()
    expect(hana.page.get_by_text("You ignore 1 person here")).to_be_visible()
    expect(hana.message("look at my shop")).to_have_count(0)

    gus.say("and at my other shop")
    hana.say("Quiet in here")
    expect(hana.message("Quiet in here")).to_be_visible()
    expect(gus.message("Quiet in here")).to_be_visible()
    expect(hana.message("and at my other shop")).to_be_hidden()

    hana.page.get_by_role("link", name="You ignore 1 person here").click()
    hana.page.get_by_role("button", name="Stop ignoring").click()
    expect(hana.message("and at my other shop")).to_be_visible()
