"""Editing an own message in the browser, and what the others see of it."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.profile import LOST, Profile

MORE = "What to do with this message"


def test_the_arrow_up_edits_the_last_own_message_and_all_pages_follow(hana: Profile, gus: Profile) -> None:
    gus.come_in(hana.open_room())
    gus.say("helo")
    hana.say("hi")
    expect(gus.message("hi")).to_be_visible()

    gus.composer.press("ArrowUp")
    box = gus.page.get_by_label("Edit your message")
    expect(box).to_be_focused()
    expect(box).to_have_value("helo")
    box.press_sequentially(" there")
    box.press("Enter")
    expect(gus.page.locator("#acts-dialog")).to_be_hidden()
    expect(gus.composer).to_be_focused()
    for each in (gus, hana):
        expect(each.bodies).to_have_text(["helo there", "hi"])
        expect(each.message("helo there").locator(".message-edited")).to_contain_text("edited")
        expect(each.message("hi").locator(".message-edited")).to_have_count(0)
    expect(gus.message("helo there")).to_have_class("message mine")


def test_escape_leaves_the_message_as_it_was(hana: Profile, gus: Profile) -> None:
    gus.come_in(hana.open_room())
    gus.composer.press("ArrowUp")
    expect(gus.page.locator("#acts-dialog")).to_be_hidden()
    gus.say("as it is")
    gus.message("as it is").hover()
    gus.message("as it is").get_by_label(MORE).click()
    gus.page.locator("#acts-dialog").get_by_role("link", name="Edit", exact=True).click()
    box = gus.page.get_by_label("Edit your message")
    box.fill("otherwise")
    box.press("Escape")
    expect(gus.page.locator("#acts-dialog")).to_be_hidden()
    expect(gus.message("as it is").get_by_label(MORE)).to_be_focused()
    expect(gus.bodies).to_have_text(["as it is"])


def test_a_page_that_was_away_gets_the_edit_too(hana: Profile, gus: Profile) -> None:
    gus.expects(*LOST)
    gus.come_in(hana.open_room())
    hana.say("before")
    expect(gus.message("before")).to_be_visible()
    gus.context.set_offline(True)
    gus.page.evaluate("window.dispatchEvent(new Event('offline'))")
    hana.composer.press("ArrowUp")
    box = hana.page.get_by_label("Edit your message")
    box.fill("afterwards")
    box.press("Enter")
    expect(hana.message("afterwards")).to_be_visible()
    gus.context.set_offline(False)
    expect(gus.bodies).to_have_text(["afterwards"])
