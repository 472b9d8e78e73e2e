"""The main flow in German, and in Arabic from the right."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.profile import DESKTOP, PHONE, Profile
from tests.support.browsing import MakeProfile

WORDS = {
    "de": ("Namen würfeln", "Dem Chat beitreten", "Was man mit dieser Nachricht tun kann"),
    "ar": ("ارمِ النرد لاسم مستخدم", "انضم إلى الدردشة", "ما يمكن فعله بهذه الرسالة"),
}


@pytest.mark.parametrize("language", WORDS)
def test_one_reads_rolls_joins_and_talks(hana: Profile, profile: MakeProfile, language: str) -> None:
    roll, join, what_to_do = WORDS[language]
    room = hana.open_room("Friday pub quiz")
    gus = profile(locale=language)
    gus.page.goto(room)
    expect(gus.page.locator("html")).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
    gus.page.get_by_role("button", name=roll).click()
    tiles = [tile.bounding_box() or {"x": 0} for tile in gus.page.locator(".tray-newest .dice-tile").all()]
    assert [tile["x"] for tile in tiles] == sorted(tile["x"] for tile in tiles)  # a name is read from the left
    gus.page.get_by_role("button", name=join).click()
    gus.page.locator("#composer-text").fill("Hello from gus")
    gus.page.keyboard.press("Enter")
    expect(hana.bodies).to_have_text(["Hello from gus"])
    hana.say("Hello from hana")
    expect(gus.bodies).to_have_text(["Hello from gus", "Hello from hana"])
    for person, words in ((gus, what_to_do), (hana, "What to do with this message")):
        expect(person.messages.locator(".message-more").last).to_have_attribute("aria-label", words)


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desk"])
@pytest.mark.parametrize("language", WORDS)
def test_no_page_overflows_and_axe_finds_nothing(
    hana: Profile, profile: MakeProfile, language: str, viewport: dict[str, int]
) -> None:
    room = hana.open_room("Friday pub quiz")
    hana.say("Who is in?")
    gus = profile(locale=language, viewport=viewport, reduced_motion="reduce")
    for path in ("/", room, f"{room.partition('?')[0]}/join", "/register", "/login", "/uploads"):
        gus.page.goto(path)
        wide = gus.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, path
        found = Axe().run(gus.page).response["violations"]
        assert [f"{path} {one['id']}: {one['nodes'][0]['html'][:120]}" for one in found] == []


def test_the_switch_changes_the_page_and_stays(profile: MakeProfile) -> None:
    gus = profile(locale="de")
    gus.page.goto("/login")
    expect(gus.page.get_by_role("heading", level=1)).to_have_text("Anmelden")
    gus.page.get_by_role("button", name="العربية").click()
    expect(gus.page.get_by_role("heading", level=1)).to_have_text("تسجيل الدخول")
    expect(gus.page).to_have_url(re.compile("/login"))
    gus.page.goto("/")
    expect(gus.page.locator("html")).to_have_attribute("lang", "ar")


@pytest.mark.parametrize(
    ("language", "sizes"),
    [
        ("en", ["2.5 MB", "340 kB", "1 byte"]),
        ("de", ["2,5 MB", "340 kB", "1 Byte"]),
        ("ar", ["2.5 م.ب", "340 ك.ب", "1 بايت"]),
    ],
)
def test_the_size_of_a_file_that_comes_live_is_said_in_the_language(
    profile: MakeProfile, language: str, sizes: list[str]
) -> None:
    gus = profile(locale=language)
    gus.page.goto("/")
    said = [gus.page.evaluate("size => chatpopSay(size)", size) for size in ("2.5 MB", "340 kB", "1 byte")]
    assert said == sizes
    assert [gus.page.evaluate("size => chatpopSay(size)", size) for size in sizes] == sizes, "said already"
