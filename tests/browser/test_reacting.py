"""Reacting in the browser: the toolbar, the dialog, what is pressed, and what the others see."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.browser.profile import PHONE, Profile
from tests.support.browsing import MakeProfile

MORE = "What to do with this message"


def signs(reader: Profile, text: str) -> Locator:
    return reader.message(text).locator(".reaction")


def test_a_reaction_is_counted_on_every_page_and_pressed_on_ones_own(hana: Profile, gus: Profile) -> None:
    gus.come_in(hana.open_room())
    hana.say("cake at five")
    expect(gus.message("cake at five")).to_be_visible()

    gus.message("cake at five").hover()
    gus.message("cake at five").locator(".toolbar").get_by_role("button", name="party").click()
    for each, is_pressed in ((gus, "true"), (hana, "false")):
        expect(signs(each, "cake at five")).to_have_text("🎉 1")
        expect(signs(each, "cake at five")).to_have_attribute("aria-pressed", is_pressed)
        expect(signs(each, "cake at five")).to_have_accessible_name("party, 1")

    sign = signs(hana, "cake at five")
    sign.focus()
    sign.press("Enter")
    expect(signs(gus, "cake at five")).to_have_text("🎉 2")
    expect(signs(hana, "cake at five")).to_have_attribute("aria-pressed", "true")
    expect(signs(hana, "cake at five")).to_be_focused()
    signs(hana, "cake at five").press("Enter")
    signs(gus, "cake at five").click()
    expect(signs(gus, "cake at five")).to_have_count(0)
    expect(signs(hana, "cake at five")).to_have_count(0)

    gus.page.reload()
    expect(gus.message("cake at five")).to_be_visible()


def test_on_a_phone_the_dialog_offers_all_signs(profile: MakeProfile, hana: Profile) -> None:
    gus = profile(viewport=PHONE, has_touch=True, is_mobile=True)
    gus.come_in(hana.open_room())
    hana.say("cake at five")
    gus.message("cake at five").get_by_label(MORE).tap()
    offered = gus.page.locator(".palette-sign")
    expect(offered).to_have_count(12)
    for sign in offered.all():
        shape = sign.bounding_box()
        assert shape is not None
        assert shape["width"] >= 43
        assert shape["height"] >= 44
    offered.nth(1).tap()
    expect(gus.page.locator("#acts-dialog")).to_be_hidden()
    expect(signs(hana, "cake at five")).to_have_text("❤️ 1")
    expect(signs(gus, "cake at five")).to_have_attribute("aria-pressed", "true")
    box = signs(gus, "cake at five").bounding_box()
    assert box is not None
    assert box["height"] >= 44


def test_the_toolbar_answers_too(hana: Profile, gus: Profile) -> None:
    gus.come_in(hana.open_room())
    hana.say("who comes?")
    gus.message("who comes?").hover()
    gus.message("who comes?").locator(".toolbar").get_by_role("link", name="Reply").click()
    expect(gus.page.locator("#replying")).to_contain_text("who comes?")
    gus.say("me")
    expect(hana.message("me").locator(".original")).to_contain_text("who comes?")
