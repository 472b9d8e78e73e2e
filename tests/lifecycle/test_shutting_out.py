"""Shutting a person out of the site: the live lines of their rooms look again, their places and log-ins end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from chatpop.core import clock
from chatpop.core.errors import DomainError
from chatpop.core.texts import text
from chatpop.extensions import db
from chatpop.identity import disabling, notices
from chatpop.identity.models import User
from chatpop.lifecycle import shutting_out
from chatpop.rooms.live import live
from chatpop.rooms.models import Participation, Room
from tests.accounts.acts import make_member, user_called
from tests.support.people import Person


@pytest.fixture
def rechecked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The rooms whose live lines have been told to look again."""
    rooms: list[int] = []
    monkeypatch.setattr(live, "recheck", rooms.append)
    return rooms


def room_ids(app: Flask) -> list[int]:
    with app.app_context():
        return list(db.session.scalars(select(Room.id).order_by(Room.id)))


def places(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count(Participation.id))) or 0


@pytest.mark.parametrize("deed", ["disable", "ban", "forget"])
def test_the_live_lines_of_all_rooms_of_the_person_look_again(
    app: Flask, hana: Person, gus: Person, rechecked: list[int], deed: str
) -> None:
    for name in ("One", "Two"):
        gus.join(hana.open_room(name))
    user = user_called(app, str(gus.name))
    with app.app_context():
        if deed == "disable":
            shutting_out.disable(user.id, by=None)
        elif deed == "ban":
            shutting_out.ban(user.id, {"account"}, None, "", by=None)
        else:
            shutting_out.forget(user.id, by=None)
        after = db.session.get_one(User, user.id)
    assert sorted(set(rechecked)) == room_ids(app)
    assert after.epoch > user.epoch, "what was issued before is worth nothing"


def test_a_banned_account_leaves_its_rooms_and_others_stay(app: Flask, hana: Person, gus: Person) -> None:
    gus.join(hana.open_room())
    assert places(app) == 2
    with app.app_context():
        shutting_out.ban(user_called(app, str(gus.name)).id, {"account"}, None, "", by=None)
    assert places(app) == 1


def test_a_device_ban_alone_ends_nobodys_log_in(app: Flask, hana: Person, gus: Person) -> None:
    gus.join(hana.open_room())
    user = user_called(app, str(gus.name))
    with app.app_context():
        shutting_out.ban(user.id, {"device"}, clock.now() + timedelta(days=1), "", by=None)
        assert db.session.get_one(User, user.id).epoch == user.epoch
    assert places(app) == 2


def test_members_and_the_forgotten_are_not_forgotten(app: Flask, hana: Person) -> None:
    make_member(Person(app))
    hana.open_room()
    user = user_called(app, str(hana.name))
    with app.app_context():
        shutting_out.forget(user.id, by=None)
    for user_id in (user_called(app, "Mia-Rivers").id, user.id):
        with app.app_context(), pytest.raises(shutting_out.NotForgettable):
            shutting_out.forget(user_id, by=None)
    with app.app_context(), pytest.raises(DomainError):
        shutting_out.forget(999_999, by=None)


def test_a_notice_is_taken_once_and_by_its_owner_alone(app: Flask, hana: Person, gus: Person) -> None:
    for someone in (hana, gus):
        someone.open_room()
    first, second = (user_called(app, str(someone.name)).id for someone in (hana, gus))
    with app.app_context():
        for sentence in ("one", "two"):
            notices.leave(db.session(), first, text(sentence))
        db.session.commit()
        assert notices.take(second) == []
        assert notices.take(first) == ["one", "two"]
        assert notices.take(first) == []


def test_who_runs_the_site_is_neither_disabled_nor_banned(app: Flask, hana: Person) -> None:
    make_member(Person(app))
    user_id = user_called(app, "Mia-Rivers").id
    with app.app_context():
        disabling.make_admin(user_id, by=None)
        with pytest.raises(disabling.AdminStays):
            shutting_out.disable(user_id, by=None)
        with pytest.raises(disabling.AdminStays):
            shutting_out.ban(user_id, {"account"}, None, "", by=None)
    assert user_called(app, "Mia-Rivers").is_active
