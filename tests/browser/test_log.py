"""The log of a room: scrolling, older messages, the jump to new ones."""

from __future__ import annotations

from playwright.sync_api import Locator, Route, expect

from tests.browser.profile import Profile
from tests.site.people import Caller, fill
from tests.site.process import RunningSite

TO_THE_TOP = "log => { log.scrollTop = -log.scrollHeight; }"


def _top(message: Locator) -> float:
    box = message.bounding_box()
    assert box
    return box["y"]


def _filled_room(site: RunningSite, reader: Profile, count: int) -> Caller:
    """A room with ``count`` messages, open in the reader's browser; somebody who can write in it."""
    writer = Caller(site.address)
    code = writer.open_room("Long evening")
    fill(site.address, code, count)
    reader.page.goto(f"/rooms/{code}")
    expect(reader.bodies.last).to_have_text(f"Message {count}")
    return writer


def _code(reader: Profile) -> str:
    return reader.page.url.rpartition("/")[2]


def test_a_room_opens_at_its_newest_message(site: RunningSite, gus: Profile) -> None:
    _filled_room(site, gus, 40)

    expect(gus.messages.last).to_be_in_viewport()
    expect(gus.messages.first).not_to_be_in_viewport()


def test_who_reads_above_is_not_moved_and_can_jump_to_what_is_new(site: RunningSite, gus: Profile) -> None:
    hana = _filled_room(site, gus, 40)
    jump = gus.page.get_by_role("button", name="New messages")
    expect(jump).to_be_hidden()
    gus.message("Message 20").scroll_into_view_if_needed()
    before = _top(gus.message("Message 20"))

    hana.say(_code(gus), "something new")

    expect(jump).to_be_visible()
    expect(gus.message("something new")).not_to_be_in_viewport()
    assert abs(_top(gus.message("Message 20")) - before) <= 1
    jump.click()
    expect(gus.message("something new")).to_be_in_viewport()
    expect(jump).to_be_hidden()


def test_who_reads_the_end_follows(site: RunningSite, gus: Profile) -> None:
    hana = _filled_room(site, gus, 40)

    for number in range(3):
        hana.say(_code(gus), f"news {number}\nwith a second line")

    expect(gus.message("news 2")).to_be_in_viewport(ratio=1)
    expect(gus.page.get_by_role("button", name="New messages")).to_be_hidden()


def test_older_messages_come_by_scrolling_up_and_the_place_is_kept(site: RunningSite, gus: Profile) -> None:
    _filled_room(site, gus, 120)
    expect(gus.messages).to_have_count(50)
    held: list[Route] = []
    gus.page.route("**/messages?before=*", lambda route: held.append(route), times=1)

    with gus.page.expect_request("**/messages?before=*"):
        gus.page.locator("#log").evaluate(TO_THE_TOP)
    expect(gus.messages.first).to_be_in_viewport()
    text = gus.message("Message 71").locator(".message-body")  # its head goes when it turns out to follow another
    before = _top(text)
    held.pop().continue_()
    expect(gus.messages).to_have_count(100)

    assert abs(_top(text) - before) <= 2
    gus.page.locator("#log").evaluate(TO_THE_TOP)
    expect(gus.messages).to_have_count(120)
    expect(gus.bodies).to_have_text([f"Message {number}" for number in range(1, 121)])
    expect(gus.page.get_by_role("link", name="Earlier messages")).to_have_count(0)
