"""What a screen reader says of the room: other people's messages, one by one when quiet, counted when busy."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.browser.profile import Profile
from tests.site.people import Caller
from tests.site.process import RunningSite

RECORD = """
document.addEventListener("DOMContentLoaded", () => {
  window.said = [];
  new MutationObserver(() => window.said.push(document.getElementById("announcer").textContent))
    .observe(document.getElementById("announcer"), { childList: true, characterData: true, subtree: true });
});
"""
# The same words twice differ by a blank at the end.
TOLD = """() => window.said
  .map((text) => (text.trim().endsWith("new messages") ? parseInt(text) : 1))
  .reduce((sum, number) => sum + number, 0) === 8"""


def _announcer(person: Profile) -> Locator:
    return person.page.locator("#announcer")


def _reader(gus: Profile, site: RunningSite) -> tuple[Caller, str]:
    hana = Caller(site.address)
    code = hana.open_room("Reading room")
    gus.context.add_init_script(RECORD)
    gus.page.goto(f"/rooms/{code}")
    expect(gus.page.locator("#room")).to_have_attribute("data-live", "live")
    return hana, code


def test_a_message_in_a_quiet_room_is_read_with_its_author_word_by_word(site: RunningSite, gus: Profile) -> None:
    hana, code = _reader(gus, site)

    hana.say(code, "Is anybody here?")

    expect(_announcer(gus)).to_have_text(re.compile(r"^[A-Z][a-z]+ [A-Z]\w+ \d+: Is anybody here\?$"))


def test_many_messages_are_counted_instead_of_read(site: RunningSite, gus: Profile) -> None:
    hana, code = _reader(gus, site)

    for number in range(8):
        hana.say(code, f"Line {number}")

    gus.page.wait_for_function(TOLD)
    said = gus.page.evaluate("window.said")
    assert len(said) <= 4, said
    assert any("new messages" in text for text in said), said


def test_two_batches_of_one_size_are_two(site: RunningSite, gus: Profile) -> None:
    hana, code = _reader(gus, site)

    gus.page.evaluate("""() => ["4 new messages", "4 new messages"].reduce((before, text) => before.then(() => {
      document.getElementById("announcer").say(text);
    }), Promise.resolve())""")
    gus.page.wait_for_function(TOLD)
    assert len(gus.page.evaluate("window.said")) == 2
    hana.say(code, "one more")
    expect(_announcer(gus)).to_contain_text("one more")


def test_what_one_writes_oneself_is_not_read_back(hana: Profile, gus: Profile) -> None:
    gus.context.add_init_script(RECORD)
    gus.come_in(hana.open_room())
    gus.say("my own words")
    expect(gus.message("my own words")).to_be_visible()
    hana.say("an answer")

    expect(_announcer(gus)).to_contain_text("an answer")
    assert not any("my own words" in text for text in gus.page.evaluate("window.said"))


def test_the_log_is_a_log_that_leaves_the_reading_to_the_announcer(hana: Profile) -> None:
    hana.open_room()

    log = hana.page.get_by_role("log", name="Messages")
    expect(log).to_have_attribute("aria-live", "off")
    expect(_announcer(hana)).to_have_attribute("role", "status")
