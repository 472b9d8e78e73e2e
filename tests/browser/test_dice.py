"""The dice and the join panel."""

from __future__ import annotations

import re

from playwright.sync_api import Route, expect

from tests.browser.profile import LOST, Profile
from tests.support.browsing import MakeProfile

AT_THE_LIMIT = "Maximum attempts exceeded. Try again in 1 hour."


def test_a_roll_shows_the_name_what_is_left_and_can_be_repeated(hana: Profile, gus: Profile) -> None:
    gus.page.goto(hana.open_room())

    name = gus.roll()

    expect(gus.choices.first).to_be_checked()
    assert re.sub(r"\s", "", gus.page.locator(".tray-newest .dice-name").inner_text()) == name
    expect(gus.page.get_by_text("9 rolls remaining", exact=True)).to_be_visible()
    expect(gus.page.get_by_role("button", name="Roll again")).to_be_focused()
    expect(gus.page.locator("#announcer")).to_contain_text("9 rolls remaining")


def test_an_earlier_roll_can_still_be_taken(hana: Profile, gus: Profile) -> None:
    gus.page.goto(hana.open_room())
    first = gus.roll()
    for number in (2, 3):
        gus.page.get_by_role("button", name="Roll again").click()
        expect(gus.choices).to_have_count(number)

    gus.choose(first)

    assert gus.join() == first
    expect(gus.chip).to_have_text(first)


def test_at_no_rolls_left_the_names_stay_and_the_dice_go(hana: Profile, gus: Profile) -> None:
    gus.page.goto(hana.open_room())
    first = gus.roll()
    for number in range(2, 11):
        gus.page.get_by_role("button", name="Roll again").click()
        expect(gus.choices).to_have_count(number)

    expect(gus.page.get_by_text("0 rolls remaining", exact=True)).to_be_visible()
    expect(gus.page.get_by_role("button", name="Roll again")).to_have_count(0)
    expect(gus.page.get_by_text(AT_THE_LIMIT)).to_be_visible()
    gus.page.reload()
    expect(gus.choices).to_have_count(10)
    expect(gus.page.get_by_text(AT_THE_LIMIT)).to_be_visible()
    gus.choose(first)
    assert gus.join() == first


def test_the_dice_are_disabled_and_busy_while_they_roll(hana: Profile, gus: Profile) -> None:
    held: list[Route] = []
    gus.page.goto(hana.open_room())
    gus.page.route("**/dice-rolls", lambda route: held.append(route))
    button = gus.page.locator("#roll-button")

    button.click()

    expect(button).to_be_disabled()
    expect(gus.page.locator("#doorstep")).to_have_attribute("aria-busy", "true")
    held.pop().continue_()
    expect(gus.choices).to_have_count(1)
    expect(button).to_be_enabled()
    expect(gus.page.locator("#doorstep")).not_to_have_attribute("aria-busy", "true")


def test_the_dialog_rolls_at_once_and_a_join_in_it_opens_the_composer(hana: Profile, gus: Profile) -> None:
    gus.page.goto(hana.open_room())

    gus.page.get_by_role("link", name="Join", exact=True).click()

    dialog = gus.page.get_by_role("dialog", name="Join Tea")
    expect(dialog.get_by_text("9 rolls remaining", exact=True)).to_be_visible()
    dialog.get_by_role("button", name="Join Chat").click()
    expect(dialog).to_be_hidden()
    expect(gus.composer).to_be_focused()
    gus.say("hello")
    expect(hana.message("hello")).to_be_visible()


def test_the_dialog_closed_gives_the_panel_back(hana: Profile, gus: Profile) -> None:
    gus.page.goto(hana.open_room())
    gus.page.get_by_role("link", name="Join", exact=True).click()
    expect(gus.choices).to_have_count(1)

    gus.page.keyboard.press("Escape")

    expect(gus.page.locator(".room-door #doorstep")).to_be_visible()
    gus.join()


def test_a_guest_is_offered_the_own_name_first_and_may_roll_another(hana: Profile, profile: MakeProfile) -> None:
    oto = profile()
    own = oto.open_room("Home") and oto.chip.inner_text()
    oto.page.goto(hana.open_room())

    field = oto.page.get_by_label("Your name")
    expect(field).to_have_value(own)
    expect(field).to_be_disabled()
    oto.page.get_by_role("link", name="Use random username instead").click()
    rolled = oto.roll()
    oto.page.get_by_role("link", name="Use my reserved username").click()
    expect(oto.page.get_by_label("Your name")).to_have_value(own)
    oto.page.get_by_role("link", name="Use random username instead").click()
    expect(oto.choices).to_have_count(1)
    assert oto.join() == rolled

    oto.say("guess who")
    expect(hana.message("guess who").locator(".message-author")).to_have_text(rolled)


def test_the_own_name_takes_one_click(hana: Profile, profile: MakeProfile) -> None:
    oto = profile()
    own = oto.open_room("Home") and oto.chip.inner_text()
    oto.page.goto(hana.open_room())

    assert oto.join() == own

    oto.say("me again")
    expect(hana.message("me again").locator(".message-author")).to_have_text(own)


def test_a_roll_that_gets_no_answer_says_so_and_can_be_repeated(hana: Profile, gus: Profile) -> None:
    gus.page.goto(hana.open_room())
    gus.expects(*LOST)
    gus.page.route("**/dice-rolls", lambda route: route.abort())

    gus.page.get_by_role("button", name="Roll dice for username").click()

    expect(gus.page.locator("#doorstep-notice")).to_contain_text("chatpop cannot be reached right now.")
    gus.page.unroute("**/dice-rolls")
    gus.roll()
    expect(gus.page.locator("#doorstep-notice")).to_be_empty()


def test_a_roll_in_the_moment_in_which_the_last_one_is_shown_stays_on_the_page(hana: Profile, gus: Profile) -> None:
    link = hana.open_room()
    gus.page.goto(link)
    gus.page.evaluate(
        """document.addEventListener(
          "htmx:afterRequest", () => document.getElementById("roll-button").click(), {once: true})"""
    )

    gus.page.get_by_role("button", name="Roll dice for username").click()

    expect(gus.choices).to_have_count(2)
    assert gus.page.url == link
