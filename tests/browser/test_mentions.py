"""Calling somebody by name: completed while typing, marked for who is called."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.browser.profile import Profile


def options(someone: Profile) -> Locator:
    return someone.page.get_by_role("option")


def test_a_name_is_completed_by_keyboard_and_the_called_one_sees_it_marked(hana: Profile, gus: Profile) -> None:
    name = gus.come_in(hana.open_room())
    expect(hana.page.locator(".person")).to_have_count(2)

    hana.composer.press_sequentially(f"hello @{name[:3].lower()}")
    expect(options(hana)).to_have_text([name])
    expect(options(hana)).to_have_attribute("aria-selected", "true")
    expect(hana.composer).to_have_attribute("aria-activedescendant", "suggestion-0")
    hana.composer.press("Enter")
    expect(hana.composer).to_have_value(f"hello @{name} ")
    expect(options(hana)).to_have_count(0)
    expect(hana.messages).to_have_count(0)
    hana.composer.press("Enter")

    expect(gus.messages.locator(".mention-me")).to_have_text(f"@{name}")
    expect(hana.messages.locator(".mention")).to_have_text(f"@{name}")
    expect(hana.messages.locator(".mention-me")).to_have_count(0)


def test_escape_closes_the_list_and_enter_sends_what_was_typed(hana: Profile, gus: Profile) -> None:
    name = gus.come_in(hana.open_room())
    expect(hana.page.locator(".person")).to_have_count(2)

    hana.composer.press_sequentially(f"@{name[:3]}")
    expect(options(hana)).to_have_count(1)
    hana.composer.press("Escape")
    expect(options(hana)).to_have_count(0)
    expect(hana.composer).not_to_have_attribute("aria-activedescendant", re.compile("."))
    hana.composer.press("Enter")

    expect(hana.bodies).to_have_text([f"@{name[:3]}"])


def test_a_name_is_taken_by_touch_and_the_box_keeps_the_focus(hana: Profile, gus: Profile) -> None:
    name = gus.come_in(hana.open_room())
    expect(hana.page.locator(".person")).to_have_count(2)

    hana.composer.press_sequentially("@")
    options(hana).filter(has_text=name).click()

    expect(hana.composer).to_have_value(f"@{name} ")
    expect(hana.composer).to_be_focused()


def test_who_is_in_the_room_but_away_is_found_by_the_server(hana: Profile, gus: Profile) -> None:
    name = gus.come_in(hana.open_room())
    gus.page.goto("/")
    expect(hana.page.locator(".person")).to_have_count(1)

    hana.composer.press_sequentially(f"@{name[:4]}")

    expect(options(hana)).to_have_text([name])
