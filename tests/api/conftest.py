"""mia, and a program of hers, a client that has no cookies."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.accounts.acts import make_member
from tests.api.program import Program
from tests.support.people import Person


@pytest.fixture
def mia(app: Flask) -> Person:
    return make_member(Person(app))


@pytest.fixture
def bot(app: Flask, mia: Person) -> Program:
    """A program of mia's, logged in by password."""
    return Program(app).log_in()
