"""The line under the log: who is typing."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.profile import Profile


def test_the_others_see_who_is_typing_until_it_is_said(hana: Profile, gus: Profile) -> None:
    name = gus.come_in(hana.open_room())
    line = hana.page.locator("#typing")
    expect(line).to_be_hidden()
    gus.composer.press_sequentially("I think")
    expect(line).to_contain_text(name)
    expect(line).to_contain_text("is typing…")
    expect(gus.page.locator("#typing")).to_be_hidden()
    assert sum(request.url.endswith("/typing") for request in gus.posts) == 1, "one sign in three seconds"
    gus.composer.press("Enter")
    expect(hana.message("I think")).to_be_visible()
    expect(line).to_be_hidden()
