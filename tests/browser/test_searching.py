"""Searching a room in its dialog and without scripts, and the way to a message by a link."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.profile import Profile
from tests.site.people import Caller, fill
from tests.site.process import RunningSite
from tests.support.browsing import MakeProfile


def test_the_slash_opens_the_search_and_a_result_leads_to_its_place(site: RunningSite, gus: Profile) -> None:
    code = Caller(site.address).open_room("Long")
    fill(site.address, code, 90, "Message {} of many")
    gus.page.goto(f"/rooms/{code}")
    gus.page.locator("#log").focus()
    gus.page.keyboard.press("/")
    words = gus.page.get_by_role("searchbox")
    expect(words).to_be_focused()
    words.fill("mess 7")
    words.press("Enter")

    results = gus.page.locator(".search-results a")
    expect(results).to_have_count(11)
    expect(results.last.locator("mark")).to_have_text(["Mess", "7"])
    results.last.click()

    expect(gus.page).to_have_url(f"{site.address}/rooms/{code}?around=7#message-7")
    expect(gus.page.locator("#message-7")).to_be_in_viewport()


def test_without_scripts_the_search_is_a_page(site: RunningSite, profile: MakeProfile) -> None:
    code = Caller(site.address).open_room("Plain")
    fill(site.address, code, 3, "Message {} of many")
    gus = profile(java_script_enabled=False)
    gus.page.goto(f"/rooms/{code}")
    gus.page.get_by_role("link", name="Search in this room").click()
    gus.page.get_by_role("searchbox").fill("message 2")
    gus.page.get_by_role("button", name="Search").click()
    gus.page.locator(".search-results a").click()
    expect(gus.page.locator("#message-2")).to_be_visible()


def test_a_messages_link_and_text_are_copied(hana: Profile) -> None:
    hana.context.grant_permissions(["clipboard-read", "clipboard-write"])
    code = hana.open_room().rpartition("/")[2]
    hana.say("some **words**")
    hana.messages.first.hover()
    hana.messages.locator(".message-more").click()
    hana.page.get_by_role("button", name="Copy text").click()
    expect(hana.page.get_by_role("button", name="Copied")).to_be_visible()
    assert hana.page.evaluate("navigator.clipboard.readText()") == "some **words**"
    hana.page.get_by_role("link", name="Copy link").click()
    expect(hana.page.get_by_role("link", name="Copied")).to_be_visible()
    copied = hana.page.evaluate("navigator.clipboard.readText()")
    assert copied.endswith(f"/rooms/{code}?around=1#message-1")
