"""Every page and state that the pictures are taken of has no fault that axe finds, and is no wider than a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.profile import DESKTOP, PHONE
from tests.site.process import RunningSite
from tests.support.axe import Eye
from tests.support.scenes import SCENES, World, furnish


@pytest.fixture(scope="module")
def furnished(browser: Browser, site: RunningSite) -> World:
    return furnish(browser, site)


@pytest.fixture
def world(furnished: World) -> Iterator[World]:
    """With its people gone home at the end."""
    yield furnished
    while furnished.profiles:
        furnished.profiles.pop().context.close()


@pytest.mark.slow
@pytest.mark.parametrize("scene", SCENES)
def test_a_scene_has_no_fault_in_either_theme_on_a_phone_or_a_desk(world: World, scene: str) -> None:
    person = SCENES[scene](world)
    faults = []
    for viewport in (DESKTOP, PHONE):
        person.page.set_viewport_size(viewport)  # type: ignore[arg-type]
        faults += Eye().faults(person.page)

    assert faults == []
    assert person.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
