"""Without a line a designed page stands in, keeps nothing of anybody, and goes away by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.profile import LOST, Profile
from tests.site.process import RunningSite, running_site

REGISTERED = "navigator.serviceWorker.ready.then((registration) => registration.active.state)"
KEPT = """(async () => {
  const found = [];
  for (const name of await caches.keys()) {
    for (const request of await (await caches.open(name)).keys()) found.push(new URL(request.url).pathname);
  }
  return found.sort();
})()"""


@pytest.fixture(scope="module")
def own_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    """One that the test may stop."""
    with running_site(tmp_path_factory.mktemp("own_site")) as site:
        yield site


def wait_for_worker(page: Page) -> None:
    page.wait_for_function(f"{REGISTERED}.then((state) => state === 'activated')")


def test_an_open_room_comes_back_by_itself_after_an_outage(
    own_site: RunningSite, profiles: Callable[..., Profile]
) -> None:
    gus = profiles(own_site.address)
    gus.expects(*LOST, "status of 503")
    gus.open_room("Lighthouse")
    gus.say("before the storm")
    expect(gus.message("before the storm")).to_be_visible()
    gus.composer.fill("half a sen")
    wait_for_worker(gus.page)

    own_site.stop()
    gus.page.reload()
    expect(gus.page.get_by_role("heading", name="You are offline")).to_be_visible()
    assert gus.page.evaluate("getComputedStyle(document.querySelector('.offline')).display") == "grid", "with its style"
    own_site.start()

    expect(gus.message("before the storm")).to_be_visible(timeout=15_000)
    expect(gus.composer).to_have_value("half a sen")


def test_the_worker_keeps_one_page_and_its_files_and_nothing_of_a_room(profile: Callable[..., Profile]) -> None:
    gus = profile()
    gus.open_room("Quiet")
    gus.say("not for the cache")
    expect(gus.message("not for the cache")).to_be_visible()
    wait_for_worker(gus.page)
    gus.page.reload()
    expect(gus.message("not for the cache")).to_be_visible()
    gus.page.goto("/")
    kept = gus.page.evaluate(KEPT)
    assert kept[0] == "/offline"
    assert sorted(path.rpartition("/")[2] for path in kept[1:]) == ["app.css", "app.js", "favicon.svg"]
