"""Emoji by their names and by smileys, while one writes; the table comes when it is first needed."""

from __future__ import annotations

from playwright.sync_api import Request, Route, expect

from tests.browser.profile import Profile


def test_a_name_is_completed_and_names_and_smileys_become_emoji(hana: Profile) -> None:
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    hana.page.on("request", note)
    hana.open_room()
    hana.composer.press_sequentially("well done ")
    assert not [url for url in asked if "emoji" in url]

    hana.composer.press_sequentially(":tad")
    expect(hana.page.get_by_role("option")).to_have_text(["🎉 tada"])
    hana.composer.press("Tab")
    expect(hana.composer).to_have_value("well done 🎉 ")
    hana.composer.press_sequentially(":+1: ")
    expect(hana.composer).to_have_value("well done 🎉 👍 ")
    hana.composer.press_sequentially(":) it is 10:30 `:) ` :D")
    hana.composer.press("Enter")

    expect(hana.bodies.first).to_contain_text("well done 🎉 👍 🙂 it is 10:30")
    assert hana.bodies.first.locator("code").inner_text() == ":) "
    assert len([url for url in asked if "emoji" in url]) == 1


def test_a_name_is_completed_when_the_table_comes_after_the_last_letter(hana: Profile) -> None:
    held: list[Route] = []
    hana.open_room()
    hana.page.route("**/emoji*", lambda route: held.append(route), times=1)
    with hana.page.expect_request("**/emoji*"):
        hana.composer.press_sequentially(":tad")
    held.pop().continue_()

    expect(hana.page.get_by_role("option")).to_have_text(["🎉 tada"])


def test_a_smiley_becomes_an_emoji_when_the_table_comes_later(hana: Profile) -> None:
    held: list[Route] = []
    hana.open_room()
    hana.page.route("**/emoji*", lambda route: held.append(route), times=1)
    with hana.page.expect_request("**/emoji*"):
        hana.composer.press_sequentially("well :P ok")
    held.pop().continue_()

    expect(hana.composer).to_have_value("well 😛 ok")


def test_a_smiley_at_the_end_is_an_emoji_when_it_is_sent(hana: Profile) -> None:
    hana.open_room()
    hana.composer.press_sequentially("see http://a.example :P ok")
    expect(hana.composer).to_have_value("see http://a.example 😛 ok")
    hana.composer.press_sequentially(" :)")
    hana.composer.press("Enter")

    expect(hana.bodies).to_have_text(["see http://a.example 😛 ok 🙂"])
    expect(hana.composer).to_have_value("")
