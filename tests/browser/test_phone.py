"""A phone: nothing jumps while the room comes, the log alone scrolls, thumbs find what they aim at."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.profile import PHONE, Profile
from tests.site.people import Caller, fill
from tests.site.process import RunningSite
from tests.support.browsing import MakeProfile

SHIFTS = """
window.shift = 0;
new PerformanceObserver((list) => list.getEntries().forEach((entry) => { window.shift += entry.value; }))
  .observe({ type: "layout-shift", buffered: true });
"""
SMALL = """() => [...document.querySelectorAll("a[href], button, input:not([type=hidden]), summary, textarea, select")]
  .filter((one) => one.checkVisibility({ checkVisibilityCSS: true, checkOpacity: true }))
  .filter((one) => !one.closest("p, dd, .visually-hidden, .message-body, .skip-link, h3"))
  .map((one) => [one, (one.closest("label") || one).getBoundingClientRect()])
  .filter(([, box]) => box.width > 1 && box.height > 1 && Math.min(box.width, box.height) < 43.5)
  .map(([one, box]) => `${one.outerHTML.slice(0, 90)} ${Math.round(box.width)}x${Math.round(box.height)}`)"""
SIZES = """() => [...document.querySelectorAll("input:not([type=radio], [type=file]), textarea, select")]
  .filter((one) => one.checkVisibility())
  .map((one) => parseFloat(getComputedStyle(one).fontSize))"""
MOST_SHIFT = 0.02


@pytest.fixture
def thumb(profile: MakeProfile) -> Profile:
    """Somebody with a phone."""
    return profile(viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2)


@pytest.fixture(scope="module")
def room(site: RunningSite) -> str:
    """The path of a room with fifty messages."""
    code = Caller(site.address).open_room("Full")
    fill(site.address, code, 50, "Message {}: about as long as what people usually write in a chat")
    return f"/rooms/{code}"


@pytest.mark.parametrize("what", ["phone", "desk"])
def test_nothing_moves_while_a_room_of_fifty_messages_comes(thumb: Profile, gus: Profile, room: str, what: str) -> None:
    person = thumb if what == "phone" else gus
    person.context.add_init_script(SHIFTS)

    person.page.goto(room, wait_until="load")
    expect(person.page.locator("#room")).to_have_attribute("data-live", "live")
    person.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    assert person.page.evaluate("window.shift") < MOST_SHIFT


def test_the_log_alone_scrolls_and_the_composer_stays_in_view(thumb: Profile, room: str) -> None:
    thumb.come_in(room)
    page = thumb.page

    assert page.evaluate("document.scrollingElement.scrollHeight <= innerHeight")
    assert page.locator("#log").evaluate("log => log.scrollHeight > log.clientHeight")
    page.set_viewport_size({"width": PHONE["width"], "height": 400})  # as with a keyboard
    expect(thumb.composer).to_be_in_viewport(ratio=1)
    expect(thumb.messages.last).to_be_in_viewport()
    assert page.evaluate("document.scrollingElement.scrollHeight <= innerHeight")


def test_thumbs_find_every_control_and_no_field_makes_the_phone_zoom(thumb: Profile, room: str) -> None:
    found: dict[str, Any] = {}
    page = thumb.page
    for path in ("/", room, "/register", "/login", "/rooms/new", "/resume"):
        page.goto(path)
        found[path] = page.evaluate(SMALL)
    thumb.come_in(room)
    found["talking"] = page.evaluate(SMALL)
    page.get_by_role("button", name="People and invitation").tap()
    found["people"] = page.evaluate(SMALL)
    assert {path: small for path, small in found.items() if small} == {}

    for path in ("/", room, "/register", "/login", "/rooms/new"):
        page.goto(path)
        assert min(page.evaluate(SIZES)) >= 16, path
