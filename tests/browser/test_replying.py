"""Answering a message: the bar over the composer, the quote in the log, and the way back to what was answered."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.browser.profile import Profile

MORE = "What to do with this message"


def reply_to(reader: Profile, text: str) -> Locator:
    """Begin an answer; returns the bar."""
    reader.message(text).hover()
    reader.message(text).get_by_label(MORE).click()
    reader.page.locator("#acts-dialog").get_by_role("link", name="Reply", exact=True).click()
    expect(reader.page.locator("#acts-dialog")).to_be_hidden()
    return reader.page.locator("#replying")


def test_a_reply_quotes_and_leads_to_what_it_answers(hana: Profile, gus: Profile) -> None:
    name = gus.come_in(hana.open_room())
    gus.say("Who brings the cake?")
    expect(hana.message("Who brings the cake?")).to_be_visible()

    bar = reply_to(hana, "Who brings the cake?")
    expect(bar).to_contain_text(name)
    expect(bar).to_contain_text("Who brings the cake?")
    expect(hana.composer).to_be_focused()
    hana.say("I do")
    expect(bar).to_be_hidden()
    for each in (hana, gus):
        expect(each.message("I do").locator(".original")).to_contain_text(f"{name} Who brings the cake?")
    hana.say("and tea")
    expect(gus.message("and tea").locator(".original")).to_have_count(0)

    gus.message("I do").locator(".original").click()
    expect(gus.message("Who brings the cake?").first).to_be_focused()


def test_a_reply_can_be_given_up(hana: Profile, gus: Profile) -> None:
    gus.come_in(hana.open_room())
    hana.say("one")
    expect(gus.message("one")).to_be_visible()
    bar = reply_to(gus, "one")
    bar.get_by_role("link", name="Don't reply").click()
    expect(bar).to_be_hidden()
    bar = reply_to(gus, "one")
    gus.composer.press("Escape")
    expect(bar).to_be_hidden()
    gus.say("two")
    expect(hana.message("two")).to_be_visible()
    expect(hana.message("two").locator(".original")).to_have_count(0)


def test_the_words_of_a_deleted_message_leave_every_open_page(hana: Profile, gus: Profile) -> None:
    gus.come_in(hana.open_room())
    hana.say("a secret")
    expect(gus.message("a secret").first).to_be_visible()
    reply_to(gus, "a secret")
    gus.say("really?")
    bar = reply_to(gus, "really?")
    bar.get_by_role("link", name="Don't reply").click()
    hana.message("a secret").first.hover()
    hana.message("a secret").first.get_by_label(MORE).click()
    hana.page.get_by_role("button", name="Delete message").click()
    for each in (hana, gus):
        expect(each.message("really?").locator(".original")).to_contain_text("Message deleted")
        expect(each.page.locator("#messages")).not_to_contain_text("a secret")
