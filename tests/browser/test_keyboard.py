"""The main flow by keyboard alone, without the focus ever being lost; and the keys of the room."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.browser.profile import PHONE, Profile
from tests.support.browsing import MakeProfile

WATCH = """
window.lost = [];
let had = false;
document.addEventListener("focusin", () => { had = true; });
document.addEventListener("htmx:afterSettle", (event) => setTimeout(() => {
  if (had && document.activeElement === document.body) window.lost.push(event.detail.target?.id || "somewhere");
}, 50));
"""
"""Notes every swap after which the focus is nowhere."""


def _tab_to(person: Profile, place: Locator, *, back: bool = False) -> None:
    """Press Tab until the focus is there."""
    for _ in range(60):
        if place.count() == 1 and place.evaluate("element => element === document.activeElement"):
            return
        person.page.keyboard.press("Shift+Tab" if back else "Tab")
    raise AssertionError(f"{place} is not reached by Tab")


def test_reading_rolling_joining_talking_leaving_and_registering(hana: Profile, gus: Profile) -> None:
    gus.context.add_init_script(WATCH)
    page, keys = gus.page, gus.page.keyboard
    link = hana.open_room("Friday pub quiz")
    hana.say("Who is in?")
    expect(hana.message("Who is in?")).to_be_visible()

    page.goto(link)
    _tab_to(gus, page.get_by_role("log"))
    _tab_to(gus, page.get_by_role("button", name="Roll dice for username"))
    keys.press("Enter")
    expect(page.get_by_role("button", name="Roll again")).to_be_focused()
    keys.press("Enter")
    expect(gus.choices).to_have_count(2)
    expect(page.get_by_role("button", name="Roll again")).to_be_focused()
    _tab_to(gus, page.get_by_role("radio", checked=True), back=True)
    keys.press("ArrowDown")
    expect(gus.choices.nth(1)).to_be_checked()
    name = gus.choices.nth(1).get_attribute("value")
    _tab_to(gus, page.get_by_role("button", name="Join Chat"))
    keys.press("Enter")
    expect(gus.composer).to_be_focused()
    keys.type("Me!")
    keys.press("Enter")
    expect(hana.message("Me!").locator(".message-author")).to_have_text(str(name))
    expect(gus.composer).to_be_focused()

    _tab_to(gus, page.get_by_role("button", name="Leave"))
    keys.press("Enter")
    expect(page.get_by_role("button", name="Join Chat")).to_be_visible()
    _tab_to(gus, page.locator("#identity-chip > summary"))
    keys.press("Enter")
    _tab_to(gus, page.get_by_role("link", name="Keep this name"))
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Upgrade Account")).to_be_visible()
    _tab_to(gus, page.get_by_label("E-mail"))
    keys.type("gus-by-keys@example.com")
    for label in ("Password", "Password again"):
        _tab_to(gus, page.get_by_label(label, exact=True))
        keys.type("maple-otter-kettle-42")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Upgrade Account")).to_have_count(0)
    expect(gus.chip).to_have_text(str(name))
    assert page.evaluate("window.lost") == []


def test_the_keys_lead_through_the_messages_and_back(hana: Profile) -> None:
    hana.context.add_init_script(WATCH)
    page, keys = hana.page, hana.page.keyboard
    hana.open_room()
    for text in ("first", "second", "third"):
        hana.say(text)
        expect(hana.message(text)).to_be_visible()
        expect(hana.composer).to_have_value("")

    _tab_to(hana, page.get_by_role("log"), back=True)
    keys.press("ArrowUp")
    expect(hana.message("third")).to_be_focused()
    keys.press("k")
    expect(hana.message("second")).to_be_focused()
    keys.press("ArrowUp")
    expect(hana.message("first")).to_be_focused()
    keys.press("ArrowUp")
    expect(hana.message("first")).to_be_focused()
    keys.press("j")
    expect(hana.message("second")).to_be_focused()
    keys.press("r")
    expect(hana.composer).to_be_focused()
    expect(page.locator("#replying")).to_contain_text("second")
    keys.press("Escape")
    expect(page.locator("#replying")).to_be_hidden()
    hana.message("second").focus()
    keys.press("e")
    expect(page.locator("#edit-text")).to_be_focused()
    keys.press("Escape")
    expect(hana.message("second")).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_role("dialog", name="What to do")).to_contain_text("second")
    _tab_to(hana, page.get_by_role("button", name="Delete message"))
    keys.press("Enter")
    expect(hana.bodies).to_have_text(["first", "Message deleted", "third"])
    expect(page.get_by_role("log")).to_be_focused()
    keys.press("w")
    expect(hana.composer).to_be_focused()
    keys.type("jk?w")
    expect(hana.composer).to_have_value("jk?w")
    assert page.evaluate("window.lost") == []


def test_the_sheet_of_keys_opens_by_a_key_and_a_button_and_turns_the_letters_off(hana: Profile) -> None:
    page, keys = hana.page, hana.page.keyboard
    hana.open_room()
    sheet = page.get_by_role("dialog", name="Keyboard")
    log = page.get_by_role("log")

    log.focus()
    keys.press("?")
    expect(sheet).to_be_visible()
    keys.press("Escape")
    expect(sheet).to_be_hidden()
    expect(log).to_be_focused()

    page.get_by_role("button", name=re.compile("Keyboard shortcuts")).press("Enter")
    sheet.get_by_label("Single letters act as keys").uncheck()
    sheet.get_by_role("button", name="Close").click()
    log.focus()
    keys.press("w")
    keys.press("?")
    expect(log).to_be_focused()
    expect(sheet).to_be_hidden()
    page.reload()
    log.focus()
    keys.press("?")
    expect(sheet).to_be_hidden()


def test_a_menu_closes_by_escape_and_the_focus_stays_at_it(hana: Profile, profile: MakeProfile) -> None:
    gus = profile(viewport=PHONE, has_touch=True)
    gus.page.goto(hana.open_room())
    summary = gus.page.locator("#identity-chip > summary")
    summary.focus()
    gus.page.keyboard.press("Enter")
    expect(gus.page.get_by_role("link", name="Log in")).to_be_visible()

    gus.page.keyboard.press("Escape")

    expect(gus.page.get_by_role("link", name="Log in")).to_be_hidden()
    expect(summary).to_be_focused()
