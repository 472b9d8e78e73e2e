"""One Chromium and one running site for all tests that drive a browser; the fixtures are known everywhere."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.profile import Profile
from tests.site.process import RunningSite, running_site
from tests.support.axe import Eye

DEBIANS = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
MANY = "1000000"

MakeProfile = Callable[..., Profile]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = os.environ.get("CHATPOP_CHROMIUM") or (str(DEBIANS) if DEBIANS.exists() else "")
    if not path:
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail("There is no Chromium, and with CI=true no test may be left out.")
        pytest.skip("no Chromium on this machine: set CHATPOP_CHROMIUM to one")
    expect.set_options(timeout=10_000)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    """As it comes, but for the limits of a network: everybody in these tests has the same address."""
    folder = tmp_path_factory.mktemp("site")
    with running_site(folder, MAX_GUESTS_PER_NETWORK=MANY, MAX_ROLLS_PER_NETWORK=MANY) as running:
        yield running


@pytest.fixture(scope="session")
def eye() -> Eye:
    """Sees what axe finds; once for each state of a page."""
    return Eye()


@pytest.fixture
def profiles(browser: Browser, eye: Eye) -> Iterator[Callable[..., Profile]]:
    """Make a profile on a site; none may end with a complaint of the browser that it did not expect, nor on a page
    with a fault that axe finds.
    """
    made: list[Profile] = []

    def make(address: str, **options: Any) -> Profile:
        made.append(Profile(browser, address, **options))
        return made[-1]

    yield make
    complaints = [text for profile in made for text in profile.unexpected]
    seen = [page for profile in made if profile.runs_scripts for page in profile.context.pages]
    faults = [fault for page in seen if eye.is_new(page, made[0].address) for fault in eye.faults(page)]
    for profile in made:
        profile.context.close()
    assert complaints == [], complaints
    assert faults == [], faults


@pytest.fixture
def profile(site: RunningSite, profiles: Callable[..., Profile]) -> MakeProfile:
    """Somebody new with a browser of their own, as often as it is called."""
    return lambda **options: profiles(site.address, **options)
