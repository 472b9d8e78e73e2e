"""What is new while one looks elsewhere: in the title, on the icon, in the log, on the home page."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.profile import Profile

HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
"""A tab of a headless browser is never put behind another one."""
ICON = "document.querySelector('link[rel=icon]').href"
BADGES = """
navigator.setAppBadge = async (count) => { window.badge = count; };
navigator.clearAppBadge = async () => { window.badge = 0; };
"""


def new_marks(person: Profile) -> list[str]:
    return person.page.locator(".message[data-new] .message-body").all_inner_texts()


def test_a_hidden_page_counts_in_its_title_and_divides_the_log(hana: Profile, gus: Profile) -> None:
    hana.page.add_init_script(BADGES)
    gus.come_in(hana.open_room("Harbour"))
    gus.say("one")
    expect(hana.message("one")).to_be_visible()
    plain = hana.page.title()
    assert plain.startswith("Harbour")
    hana.page.evaluate(HIDE, True)
    for text in ("two", "three"):
        gus.say(text)
        expect(hana.message(text)).to_be_attached()
    assert hana.page.title() == f"(2) {plain}"
    assert "favicon-unread" in hana.page.evaluate(ICON)
    assert hana.page.evaluate("window.badge") == 2
    assert new_marks(hana) == ["two"]

    hana.page.evaluate(HIDE, False)
    expect(hana.page).to_have_title(plain)
    assert "favicon-unread" not in hana.page.evaluate(ICON)
    assert hana.page.evaluate("window.badge") == 0
    assert new_marks(hana) == ["two"], "where one left off stays to be seen"


def test_a_room_left_shows_its_news_at_home_and_where_one_left_off(hana: Profile, gus: Profile) -> None:
    link = hana.open_room("Lighthouse")
    gus.come_in(link)
    gus.say("seen")
    expect(hana.message("seen")).to_be_visible()
    with hana.page.expect_request("**/reading"):
        hana.page.locator(".room-header a[href='/']").click()
    hana.page.wait_for_url("/")
    hana.page.reload()
    expect(hana.page.locator("[data-unread-count]")).to_have_count(0)
    for text in ("not seen", "nor this"):
        gus.say(text)
        expect(gus.message(text)).to_be_visible()
    hana.page.reload()
    expect(hana.page.locator("[data-unread-count]")).to_have_attribute("data-unread-count", "2")
    hana.page.get_by_role("link", name="Lighthouse").first.click()
    expect(hana.message("nor this")).to_be_visible()
    assert new_marks(hana) == ["not seen"]
    hana.page.goto("/")
    expect(hana.page.locator("[data-unread-count]")).to_have_count(0)


def test_what_came_while_the_page_was_hidden_is_still_new_after_it_was_closed(
    profile: Callable[..., Profile], hana: Profile, gus: Profile
) -> None:
    gus.come_in(hana.open_room("Quay"))
    gus.say("seen")
    expect(hana.message("seen")).to_be_visible()
    hana.page.evaluate(HIDE, True)
    gus.say("not seen")
    expect(hana.message("not seen")).to_be_attached()
    hana.page.goto("/")
    expect(hana.page.locator("[data-unread-count]")).to_have_attribute("data-unread-count", "1")
