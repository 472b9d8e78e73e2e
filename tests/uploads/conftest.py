"""mia the member, with quick hashes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from chatpop.accounts.passwords import PRODUCTION, Cost, hasher
from tests.accounts.acts import make_member
from tests.support.people import Person


@pytest.fixture(autouse=True)
def quick_hashes() -> Iterator[None]:
    """Hashes of a millisecond."""
    hasher.cost = Cost(memory_kib=64, passes=1, lanes=1)
    yield
    hasher.cost = PRODUCTION


@pytest.fixture
def mia(app: Flask) -> Person:
    return make_member(Person(app))
