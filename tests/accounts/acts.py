"""What members do, as tests write it."""

from __future__ import annotations

from typing import Any

from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from chatpop.extensions import db
from chatpop.identity.models import User
from tests.support.people import Person

PASSWORD = "maple-otter-kettle-42"


def register(
    someone: Person, name: str = "Mia-Rivers", email: str = "mia@example.com", password: str = PASSWORD, **options: Any
) -> TestResponse:
    """Send the registration form; ``confirm_password`` and others as further fields in ``data``."""
    data = {"username": name, "email": email, "password": password, "confirm_password": password}
    return someone.post("/register", data={**data, **options.pop("data", {})}, **options)


def log_in(someone: Person, identifier: str = "Mia-Rivers", password: str = PASSWORD, **options: Any) -> TestResponse:
    data = {"username": identifier, "password": password, **options.pop("data", {})}
    return someone.post("/login", data=data, **options)


def make_member(someone: Person, name: str = "Mia-Rivers", email: str = "mia@example.com") -> Person:
    """Register and log in; returns the same person."""
    answer = register(someone, name, email)
    assert answer.status_code == 303, answer.text
    answer = log_in(someone, name)
    assert answer.status_code == 303, answer.text
    return someone


def user_called(app: Flask, name: str) -> User:
    with app.app_context():
        return db.session.scalars(select(User).where(User.username == name)).one()


def count_users(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count(User.id))) or 0
