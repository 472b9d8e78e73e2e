"""Registering in a real browser: the live check, the dice beside the field, and the way in."""

from __future__ import annotations

from playwright.sync_api import Route, expect

from tests.browser.profile import LOST, Profile
from tests.support.browsing import MakeProfile

PASSWORD = "maple-otter-kettle-42"


def fill(someone: Profile, name: str, email: str) -> None:
    page = someone.page
    page.get_by_label("Username").fill(name)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password again").fill(PASSWORD)


def test_a_person_registers_logs_in_and_out(gus: Profile) -> None:
    page = gus.page
    page.goto("/register")
    fill(gus, "Gus-Grape", "gus@example.com")
    page.get_by_label("Password again").press("Enter")
    expect(page.get_by_text("Registration successful! Please log in.")).to_be_visible()
    page.get_by_label("Name or e-mail").fill("gusgrape")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(gus.chip).to_have_text("Gus-Grape")
    gus.chip.click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_text("You are logged out.")).to_be_visible()


def test_enter_registers_and_does_not_roll(gus: Profile) -> None:
    gus.expects("422")
    gus.page.goto("/register")
    gus.page.get_by_label("Username").fill("Gus-Plum")
    gus.page.get_by_label("E-mail").press("Enter")
    expect(gus.page.get_by_text("Enter a valid email address")).to_be_visible()
    expect(gus.page.get_by_label("E-mail")).to_be_focused()
    assert gus.posts[-1].url.endswith("/register")
    expect(gus.page.get_by_label("Username")).to_have_value("Gus-Plum")


def test_the_check_waits_for_three_characters_and_half_a_second(gus: Profile) -> None:
    asked: list[str] = []
    gus.page.on("request", lambda request: asked.append(request.url) if "/register/username" in request.url else None)
    gus.page.goto("/register")
    field = gus.page.get_by_label("Username")
    field.press_sequentially("Gu", delay=20)
    gus.page.wait_for_timeout(800)
    assert asked == []
    field.press_sequentially("sBerry", delay=60)
    expect(gus.page.get_by_text("✓ Available")).to_be_visible()
    assert [url.rpartition("=")[2] for url in asked] == ["GusBerry"], "one question for a typed word"
    field.fill("Gu")
    expect(gus.page.get_by_text("✓ Available")).to_be_hidden()


def test_a_taken_name_offers_others_with_one_tap(hana: Profile, gus: Profile) -> None:
    hana.page.goto(hana.open_room())
    taken = hana.chip.inner_text()
    gus.page.goto("/register")
    gus.page.get_by_label("E-mail").fill("gus2@example.com")
    gus.page.get_by_label("Username").fill(taken)
    expect(gus.page.get_by_text("✗ Username is already taken")).to_be_visible()
    choice = gus.page.locator("#username-status .name-choice").first
    name = choice.inner_text()
    choice.click()
    expect(gus.page.get_by_label("Username")).to_have_value(name)
    expect(gus.page.get_by_text("✓ Available")).to_be_visible()
    expect(gus.page.get_by_label("E-mail")).to_have_value("gus2@example.com")


def test_a_late_answer_never_stands_beside_a_newer_name(gus: Profile) -> None:
    gus.expects("htmx:sendAbort", "htmx:afterRequest")

    def answer(route: Route) -> None:
        if "admin" in route.request.url:
            gus.page.wait_for_timeout(1500)
        route.continue_()

    gus.page.route("**/register/username?*", answer)
    gus.page.goto("/register")
    field = gus.page.get_by_label("Username")
    field.fill("admin")
    gus.page.wait_for_timeout(700)
    field.fill("GusCherry")
    expect(gus.page.get_by_text("✓ Available")).to_be_visible()
    gus.page.wait_for_timeout(1800)
    expect(gus.page.get_by_text("✓ Available")).to_be_visible()
    expect(gus.page.locator("#username-status")).not_to_contain_text("✗")


def test_a_failed_network_is_not_taken(gus: Profile) -> None:
    gus.expects(*LOST)
    gus.page.goto("/register")
    gus.page.route("**/register/username?*", lambda route: route.abort())
    gus.page.get_by_label("Username").fill("GusMelon")
    expect(gus.page.locator("#username-status")).to_contain_text("cannot be reached")
    expect(gus.page.locator("#username-status")).not_to_contain_text("taken")


def test_the_dice_fill_the_field_and_keep_the_rest(gus: Profile) -> None:
    gus.page.goto("/register")
    fill(gus, "", "gus3@example.com")
    gus.page.get_by_role("button", name="Roll dice for username").click()
    expect(gus.page.get_by_text("9 rolls remaining", exact=True)).to_be_visible()
    name = gus.page.get_by_label("Username").input_value()
    assert name
    expect(gus.page.get_by_role("button", name="Roll again")).to_be_focused()
    expect(gus.page.get_by_label("Password again")).to_have_value(PASSWORD)
    assert PASSWORD not in (gus.posts[-1].post_data or ""), "the dice are not told the password"
    gus.page.get_by_role("button", name="Register").last.click()
    expect(gus.page.get_by_text("Registration successful! Please log in.")).to_be_visible()


def test_without_scripts_the_same(profile: MakeProfile) -> None:
    gus = profile(java_script_enabled=False)
    gus.page.goto("/register")
    gus.page.get_by_label("E-mail").fill("gus4@example.com")
    gus.page.get_by_role("button", name="Roll dice for username").click()
    name = gus.page.get_by_label("Username").input_value()
    assert name
    expect(gus.page.get_by_label("E-mail")).to_have_value("gus4@example.com")
    fill(gus, name, "gus4@example.com")
    gus.page.get_by_role("button", name="Register").last.click()
    gus.page.get_by_label("Name or e-mail").fill("gus4@example.com")
    gus.page.get_by_label("Password").fill(PASSWORD)
    gus.page.get_by_role("button", name="Log in").click()
    expect(gus.chip).to_have_text(name)
