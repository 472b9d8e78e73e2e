"""A site that dies under two open pages: they say so, catch up by themselves, and lose nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.profile import LOST, Profile
from tests.site.people import Caller
from tests.site.process import RunningSite, running_site

UNLIMITED = {"MAX_MESSAGES_PER_MINUTE_GUEST": "100000"}
CATCH_UP_SECONDS = 3


@pytest.fixture(scope="module")
def own_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    """One that the tests may kill."""
    with running_site(tmp_path_factory.mktemp("own_site"), **UNLIMITED) as site:
        yield site


@pytest.fixture
def pair(own_site: RunningSite, profiles: Callable[..., Profile]) -> tuple[Profile, Profile]:
    """Two people in one room, both with the page open."""
    hana, gus = profiles(own_site.address), profiles(own_site.address)
    for each in (hana, gus):
        each.expects(*LOST, "status of 503")
    gus.come_in(hana.open_room())
    return hana, gus


def _shown(person: Profile) -> list[str]:
    return person.bodies.all_inner_texts()


@pytest.mark.parametrize("kill", [RunningSite.kill_web_worker, RunningSite.kill_web])
def test_after_a_killed_web_process_both_pages_have_everything_once_and_in_order(
    own_site: RunningSite, pair: tuple[Profile, Profile], kill: Callable[[RunningSite], None]
) -> None:
    hana, gus = pair
    code = gus.page.url.rpartition("/")[2]
    writer = Caller(own_site.address)
    writer.join(code)
    acknowledged: dict[int, str] = {}

    def write() -> None:
        for number in range(60):
            acknowledged[writer.say(code, f"Message {number}")] = f"Message {number}"
            time.sleep(0.02)  # as long as the kill takes, roughly: some before it, some after

    writing = threading.Thread(target=write)
    gus.say("before")
    expect(hana.message("before")).to_be_visible()
    writing.start()
    expect(hana.message("Message 5")).to_be_visible()
    for each in pair:
        each.note_live_words()
    kill(own_site)
    assert own_site.is_up()
    writing.join(60)
    hana.say("after")

    for each in pair:
        expect(each.bodies).to_have_count(62, timeout=CATCH_UP_SECONDS * 1000)
        expect(each.live).to_be_empty()
        assert each.live_words[0] == "Reconnecting…"
    assert _shown(gus) == _shown(hana)
    expected = [acknowledged[seq] for seq in sorted(acknowledged)]
    assert [text for text in _shown(gus) if text.startswith("Message")] == expected
    for each in pair:
        each.page.reload()
        assert _shown(each)[-10:] == [*expected, "after"][-10:]


def test_what_was_said_before_the_line_was_back_is_filled_in(
    own_site: RunningSite, pair: tuple[Profile, Profile]
) -> None:
    hana, gus = pair
    hana.say("one")
    expect(gus.message("one")).to_be_visible()
    gus.page.route("**/stream?*", lambda route: route.abort())
    own_site.kill_web_worker()
    expect(gus.live).to_have_text("Reconnecting…")
    for count, text in enumerate(("two", "three"), 2):
        hana.say(text)
        expect(hana.bodies).to_have_count(count)
    expect(gus.bodies).to_have_text(["one"])

    gus.page.unroute("**/stream?*")

    expect(gus.bodies).to_have_text(["one", "two", "three"])
    expect(gus.live).to_be_empty()


def test_a_message_sent_while_nobody_serves_arrives_once(own_site: RunningSite, pair: tuple[Profile, Profile]) -> None:
    hana, gus = pair
    gus.say("one")
    expect(hana.message("one")).to_be_visible()

    own_site.kill_web()
    gus.say("into the silence")

    for each in pair:
        expect(each.bodies).to_have_text(["one", "into the silence"], timeout=20_000)
        expect(each.live).to_be_empty()
    expect(gus.composer).to_have_value("")


def test_after_a_power_cut_the_pages_catch_up_and_a_reload_keeps_the_name(
    own_site: RunningSite, pair: tuple[Profile, Profile]
) -> None:
    hana, gus = pair
    name = gus.chip.inner_text()
    gus.say("before")
    expect(hana.message("before")).to_be_visible()

    own_site.kill_everything()
    expect(hana.live).to_have_text("Reconnecting…")
    gus.say("still here?")
    expect(gus.page.locator("#composer-notice")).to_contain_text("Nothing is lost")
    expect(gus.composer).to_have_value("still here?")
    own_site.start()
    for each in pair:
        expect(each.live).to_be_empty(timeout=CATCH_UP_SECONDS * 1000)
    gus.composer.press("Enter")

    for each in pair:
        expect(each.bodies).to_have_text(["before", "still here?"])
    gus.page.reload()
    expect(gus.chip).to_have_text(name)
    expect(gus.bodies).to_have_text(["before", "still here?"])
    expect(gus.composer).to_be_visible()
