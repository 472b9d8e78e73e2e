"""Looking after a room from the page where it is seen: the dialog, and what it does to the others' pages."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.profile import Profile

MORE = "What to do with this message"


def test_the_host_removes_a_message_and_bans_and_the_others_page_shows_it(hana: Profile, gus: Profile) -> None:
    gus.expects("403")
    name = gus.come_in(hana.open_room())
    gus.say("something nasty")
    expect(hana.message("something nasty")).to_be_visible()

    hana.message("something nasty").hover()
    hana.message("something nasty").get_by_label(MORE).click()
    hana.page.get_by_role("button", name="Delete message").click()
    for each in (hana, gus):
        expect(each.bodies).to_have_text(["Removed by a moderator"])
    expect(hana.page.locator("#acts-dialog")).to_be_hidden()

    gus.composer.fill("half a thought")
    hana.page.get_by_role("link", name=name).click()
    hana.page.get_by_role("link", name="Ban…").click()
    expect(hana.page.get_by_role("checkbox").first).to_be_visible()
    hana.page.get_by_label("Reason").fill("Be kind")
    hana.page.get_by_role("button", name=f"Ban {name}").click()
    expect(hana.page.get_by_text(f"{name} is banned")).to_be_visible()

    expect(gus.page.get_by_role("heading", name="You are banned from this room")).to_be_visible()
    expect(gus.page.locator("#doorstep")).to_contain_text("Be kind")
    expect(gus.composer).to_have_count(0)


def test_what_holds_in_the_room_changes_on_open_pages_and_a_draft_is_kept(hana: Profile, gus: Profile) -> None:
    gus.come_in(hana.open_room())
    hana.say("Read the rules first")
    expect(gus.message("Read the rules first")).to_be_visible()
    hana.message("Read the rules first").hover()
    hana.message("Read the rules first").get_by_label(MORE).click()
    hana.page.get_by_role("button", name="Pin on top of the room").click()
    for each in (hana, gus):
        expect(each.page.locator(".pinned")).to_contain_text("Read the rules first")

    gus.composer.fill("half a thought")
    hana.page.goto(hana.page.url.split("?")[0] + "/settings")
    hana.page.get_by_role("button", name="Close to guests").click()
    expect(gus.page.get_by_role("heading", name="Members only at present")).to_be_visible()
    hana.page.get_by_role("button", name="Let guests in again").click()
    expect(gus.composer).to_have_value("half a thought")
