"""What axe-core finds on the pages, in both themes, on a phone and on a desk."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.profile import DESKTOP, PHONE, Profile
from tests.site.people import Caller
from tests.site.process import RunningSite
from tests.support.browsing import MakeProfile


@pytest.fixture(scope="module")
def room(site: RunningSite) -> str:
    """A room with two people's messages, one of them taken back; its path."""
    hana, gus = Caller(site.address), Caller(site.address)
    code = hana.open_room("Friday pub quiz")
    gus.join(code)
    hana.say(code, "Who is in? The list: https://example.org/quiz")
    gus.say(code, "Me!")
    taken_back = gus.say(code, "and my cat")
    gus.call(f"/rooms/{code}/messages/{taken_back}/deletion", {})
    return f"/rooms/{code}"


def _violations(person: Profile) -> list[str]:
    found = Axe().run(person.page).response["violations"]
    return [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desk"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_has_a_fault_that_axe_finds(
    profile: MakeProfile, room: str, theme: str, viewport: dict[str, int]
) -> None:
    gus = profile(viewport=viewport, color_scheme=theme, reduced_motion="reduce")
    gus.expects("status of 404")
    found: dict[str, list[str]] = {}

    def look(what: str) -> None:
        found[what] = _violations(gus)

    for what, path in {"home": "/", "room as a visitor": room, "error page": "/rooms/NOPE22"}.items():
        gus.page.goto(path)
        look(what)
    gus.page.goto(f"{room}/join")
    gus.roll()
    look("join page")
    gus.page.goto(room)
    look("room with a tray")
    gus.page.get_by_role("link", name="Join", exact=True).click()
    expect(gus.page.get_by_role("dialog")).to_be_visible()
    look("join dialog")
    gus.page.get_by_role("dialog").get_by_role("button", name="Join Chat").click()
    greeting = f"hello from the {theme} side, {viewport['width']} wide"
    gus.say(greeting)
    expect(gus.message(greeting)).to_be_visible()
    look("room as a guest")
    gus.page.locator("#identity-chip > summary").click()
    look("identity menu")
    gus.page.goto("/rooms/new")
    look("opening a room as a guest")

    assert {what: faults for what, faults in found.items() if faults} == {}


def test_nothing_is_wider_than_a_phone(profile: MakeProfile, room: str) -> None:
    gus = profile(viewport=PHONE)
    gus.expects("status of 404")
    for path in ("/", room, f"{room}/join", "/rooms/new", "/rooms/NOPE22"):
        gus.page.goto(path)
        assert gus.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
