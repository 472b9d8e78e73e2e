"""A forgotten guest sleeps for a while: only its own browser can wake it, and nobody gets its names meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

import pytest
from flask import Flask
from freezegun import freeze_time
from sqlalchemy import func, select

from chatpop.core import clock
from chatpop.extensions import db
from chatpop.identity.models import Device, User
from chatpop.identity.sleeping import Sleep
from chatpop.lifecycle.sweep import sweep
from chatpop.lifecycle.waking import end_sleeps
from chatpop.names import availability
from chatpop.names.models import Name, NameState
from tests.conftest import both_databases
from tests.lifecycle.idlers import DAY, give_file
from tests.support.people import Person

SLEEP = 14


class Slept(NamedTuple):
    """A guest who fell asleep at ``at``, with a browser and a room of theirs."""

    app: Flask
    owner: Person
    name: str
    code: str
    user_id: int
    at: datetime


@pytest.fixture
def slept(make_app: Callable[..., Flask]) -> Slept:
    app = make_app(GUEST_SLEEP_DAYS=str(SLEEP))
    owner = Person(app)
    code = owner.open_room()
    owner.say(code, "before the sleep")
    name = owner.name
    assert name
    with app.app_context():
        user_id = db.session.scalars(select(User.id)).one()
    give_file(app, user_id, private=True)
    at = clock.now() + 91 * DAY
    with freeze_time(at), app.app_context():
        assert sweep() == 1
    return Slept(app, owner, name, code, user_id, at)


def user_of(slept: Slept) -> User:
    with slept.app.app_context():
        return db.session.get_one(User, slept.user_id)


def states(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(Name.state)))


@both_databases
def test_the_same_browser_wakes_the_account_with_everything_that_is_left(slept: Slept) -> None:
    assert user_of(slept).is_abandoned
    with freeze_time(slept.at + 13 * DAY, tick=True):
        page = slept.owner.get("/").text
        assert f"Welcome back, {slept.name}" in page
        assert "private files are gone" in page
        assert "Welcome back" not in slept.owner.get("/").text, "told once"
        assert slept.owner.name == slept.name
        assert slept.owner.say(slept.code, "after it").status_code == 201
        assert f"{clock.now() + 90 * DAY:%-d %B %Y}" in slept.owner.get("/").text
        with slept.app.app_context():
            assert sweep() == 0
            assert end_sleeps() == 0
    user = user_of(slept)
    assert (user.id, user.is_abandoned, user.abandoned_at, user.items_count) == (slept.user_id, False, None, 0)
    assert user.fingerprint_hash
    assert states(slept.app) == [NameState.ACTIVE]
    with slept.app.app_context():
        assert db.session.scalar(select(func.count(Sleep.user_id))) == 0


@both_databases
def test_when_the_sleep_is_over_the_names_go_by_their_life_cycle(slept: Slept) -> None:
    with freeze_time(slept.at + SLEEP * DAY, tick=True):
        assert slept.owner.name is None, "too late by less than the job's hour"
        with slept.app.app_context():
            assert end_sleeps() == 1
            assert end_sleeps() == 0
    assert states(slept.app) == [NameState.RETIRED]
    with slept.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Device).where(Device.revoked_at.is_(None))) == 0
        assert db.session.scalar(select(func.count(Sleep.user_id))) == 0


def test_who_comes_after_the_sleep_is_told_once(slept: Slept) -> None:
    with freeze_time(slept.at + SLEEP * DAY, tick=True):
        with slept.app.app_context():
            end_sleeps()
        assert "has been forgotten" in slept.owner.get("/").text
        assert "has been forgotten" not in slept.owner.get("/").text


def test_asleep_its_names_are_kept_from_everybody(slept: Slept) -> None:
    oto = Person(slept.app)
    with freeze_time(slept.at + 5 * DAY, tick=True):
        with slept.app.app_context():
            assert not availability.check(slept.name, user_id=None, rollers=[]).available
        answer = oto.get(f"/api/accounts/check-username/?username={slept.name}")
        assert answer.json == {"available": False, "message": "Username is already taken"}


@pytest.mark.parametrize("kind", ["access", "refresh"])
def test_tokens_alone_do_not_wake_it(slept: Slept, kind: str) -> None:
    thief = Person(slept.app)
    thief.client.set_cookie(f"chatpop_{kind}", slept.owner.cookie(kind) or "")
    assert thief.name is None
    assert user_of(slept).is_abandoned


def test_the_browser_keeps_its_secret_until_the_sleep_is_over(make_app: Callable[..., Flask]) -> None:
    app = make_app(GUEST_SLEEP_DAYS=str(SLEEP))
    hana = Person(app)
    answer = hana.post("/rooms", data={"name": "Tea", "visibility": "public"})
    (given,) = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith("chatpop_device=")]
    assert f"Max-Age={(90 + SLEEP + 2) * 86_400}" in given


def test_an_admins_disabling_is_stronger_than_the_wake(slept: Slept) -> None:
    with slept.app.app_context():
        db.session.get_one(User, slept.user_id).is_disabled = True
        db.session.commit()
    assert slept.owner.say(slept.code, "hello?").status_code == 403
    assert user_of(slept).is_abandoned
