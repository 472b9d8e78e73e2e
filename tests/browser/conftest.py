"""All browser tests on one worker, and the two who talk in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.profile import Profile
from tests.support.browsing import MakeProfile


@pytest.hookimpl(tryfirst=True)  # before xdist looks at the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All on one worker of xdist: one site, one browser."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture
def hana(profile: MakeProfile) -> Profile:
    """She hosts."""
    return profile()


@pytest.fixture
def gus(profile: MakeProfile) -> Profile:
    """He comes by the invite link."""
    return profile()
