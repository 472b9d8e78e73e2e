"""The same with JavaScript off: read, roll, join, post, older messages, leave."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.profile import Profile
from tests.site.people import fill
from tests.site.process import RunningSite
from tests.support.browsing import MakeProfile

PASSWORD = "maple-otter-kettle-42"


@pytest.fixture
def plain(profile: MakeProfile) -> MakeProfile:
    """Somebody whose browser runs no scripts."""
    return lambda **options: profile(java_script_enabled=False, **options)


def _say(person: Profile, text: str) -> None:
    person.composer.fill(text)
    person.page.get_by_role("button", name="Send").click()
    expect(person.message(text)).to_be_visible()


def test_two_people_talk_both_ways_without_scripts(plain: MakeProfile) -> None:
    hana, gus = plain(), plain()
    link = hana.open_room("Knitting")
    hanas_name = hana.chip.inner_text()

    gus.page.goto(link)
    gus.page.get_by_role("button", name="Roll dice for username").click()
    gus.page.get_by_role("button", name="Roll again").click()
    expect(gus.choices).to_have_count(2)
    earlier = gus.choices.nth(1)
    earlier.check(force=True)
    chosen = earlier.get_attribute("value")
    gus.page.get_by_role("button", name="Join Chat").click()
    expect(gus.page).to_have_url(link)
    _say(gus, "Hello from gus")
    hana.page.get_by_role("link", name="Show new messages").click()
    expect(hana.bodies).to_have_text(["Hello from gus"])
    _say(hana, "Hello from hana")
    gus.page.reload()

    expect(gus.bodies).to_have_text(["Hello from gus", "Hello from hana"])
    expect(gus.messages.locator(".message-author")).to_have_text([str(chosen), hanas_name])
    assert chosen != hanas_name


def test_older_messages_are_a_link_and_the_newest_are_another(plain: MakeProfile, site: RunningSite) -> None:
    gus = plain()
    link = gus.open_room("Archive")
    fill(site.address, link.rpartition("/")[2], 60)

    gus.page.reload()
    expect(gus.messages).to_have_count(50)
    expect(gus.bodies.first).to_have_text("Message 11")
    gus.page.get_by_role("link", name="Earlier messages").click()

    expect(gus.messages).to_have_count(10)
    expect(gus.bodies.first).to_have_text("Message 1")
    gus.page.get_by_role("link", name="Go to the newest").click()
    expect(gus.bodies.last).to_have_text("Message 60")


def test_leaving_gives_the_place_back_and_keeps_the_name(plain: MakeProfile) -> None:
    hana, gus = plain(), plain()
    link = hana.open_room()
    name = gus.come_in(link)

    gus.page.get_by_role("button", name="Leave").click()

    expect(gus.composer).to_have_count(0)
    expect(gus.chip).to_have_text(name)
    assert gus.join() == name


def test_a_refused_message_comes_back_into_the_box_with_the_reason(plain: MakeProfile) -> None:
    hana = plain()
    link = hana.open_room()
    hana.expects("status of 422")

    hana.composer.fill("   ")
    hana.page.get_by_role("button", name="Send").click()

    expect(hana.page.locator("body")).to_contain_text("A message needs some text.")
    hana.page.goto(link)
    expect(hana.messages).to_have_count(0)


def test_a_visitor_who_opens_the_join_page_rolls_there(plain: MakeProfile, hana: Profile) -> None:
    gus = plain()
    gus.page.goto(hana.open_room())

    gus.page.get_by_role("link", name="Join", exact=True).click()
    expect(gus.page.get_by_role("heading", name="Join Tea")).to_be_visible()
    gus.roll()

    gus.join()


def test_the_whole_way_from_reading_to_a_name_for_good(plain: MakeProfile, hana: Profile) -> None:
    gus = plain()
    page = gus.page
    link = hana.open_room("Choir")
    hana.say("Who sings bass?")
    expect(hana.message("Who sings bass?")).to_be_visible()

    page.goto(link)
    expect(gus.bodies).to_have_text(["Who sings bass?"])
    page.get_by_role("button", name="Roll dice for username").click()
    name = gus.join()
    _say(gus, "I do")
    page.get_by_role("button", name="Leave").click()
    page.locator("#identity-chip > summary").click()
    page.get_by_role("link", name="Keep this name").click()
    expect(page.get_by_label("Username")).to_have_value(name)
    page.get_by_label("E-mail").fill("bass@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password again").fill(PASSWORD)
    page.get_by_role("button", name="Upgrade").click()
    expect(page.get_by_role("heading", name="Upgrade Account")).to_have_count(0)
    page.goto("/account")
    page.get_by_role("button", name="Log out", exact=True).last.click()
    page.goto(f"/login?next={link.removeprefix(gus.address)}")
    page.get_by_label("Name or e-mail").fill("bass@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()

    expect(gus.chip).to_have_text(name)
    gus.join()
    _say(gus, "I am back")
    expect(hana.bodies).to_have_text(["Who sings bass?", "I do", "I am back"])
