"""The cast for threats: mia the member, ada the admin, and mia's program."""

from __future__ import annotations

import pytest
from flask import Flask

from chatpop.accounts.admins import create_admin
from chatpop.accounts.registration import Draft
from tests.accounts.acts import PASSWORD, log_in, make_member
from tests.api.program import Program
from tests.support.people import Person


def make_admin(app: Flask) -> Person:
    """An admin who has just logged in."""
    with app.app_context():
        create_admin(Draft("Ada", "ada@example.com", PASSWORD))
    someone = Person(app)
    assert log_in(someone, "Ada").status_code == 303
    return someone


@pytest.fixture
def mia(app: Flask) -> Person:
    return make_member(Person(app))


@pytest.fixture
def ada(app: Flask) -> Person:
    return make_admin(app)


@pytest.fixture
def bot(app: Flask, mia: Person) -> Program:
    """A program of mia's, logged in by password."""
    return Program(app).log_in()
