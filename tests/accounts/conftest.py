"""mia the member."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.accounts.acts import make_member
from tests.support.people import Person


@pytest.fixture
def mia(app: Flask) -> Person:
    return make_member(Person(app))
