"""A guest logs in as a member, sees what would move, merges, and takes it back; with scripts and without."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.accounts.acts import PASSWORD
from tests.browser.profile import Profile
from tests.support.browsing import MakeProfile


def _register(person: Profile, name: str) -> None:
    person.page.goto("/register")
    person.page.get_by_label("Username").fill(name)
    person.page.get_by_label("E-mail").fill(f"{name}@example.com")
    person.page.get_by_label("Password", exact=True).fill(PASSWORD)
    person.page.get_by_label("Password again").fill(PASSWORD)
    person.page.locator("#register-button").click()
    expect(person.page).to_have_url(f"{person.address}/login")


@pytest.mark.parametrize(("scripts", "name"), [(True, "Merle-Brook"), (False, "Marlo-Creek")])
def test_merge_with_preview_and_undo(profile: MakeProfile, scripts: bool, name: str) -> None:
    _register(profile(), name)
    hana = profile(java_script_enabled=scripts)
    hana.open_room("Harbour")
    guest = hana.chip.inner_text()
    page = hana.page
    page.goto("/login")
    page.get_by_label("Name or e-mail").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("#login-form").get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name=f"This browser also knows {guest}")).to_be_visible()

    page.get_by_role("link", name="See what would move").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Merge {guest} into your account?")
    expect(page.get_by_role("listitem").filter(has_text="Harbour").first).to_be_visible()
    page.get_by_role("button", name="Merge", exact=True).click()
    expect(page.get_by_role("heading", name=f"{guest} is part of your account")).to_be_visible()
    page.goto("/")
    expect(page.get_by_role("heading", name="Your rooms")).to_be_visible()

    page.goto("/account")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name=f"This browser also knows {guest}")).to_be_visible()
    page.goto("/")
    expect(page.get_by_role("heading", name="Your rooms")).to_have_count(0)
