"""A forgotten guest: the account is worth nothing any more, and its names go by their life cycle."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from freezegun import freeze_time
from sqlalchemy import select

from chatpop.core import clock
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity.models import Device, User
from chatpop.identity.models import Session as LoginSession
from chatpop.lifecycle.abandoning import abandon
from chatpop.names import availability, registry
from chatpop.names.key import canonical_key
from chatpop.names.models import Name, NameKind, NameState
from tests.conftest import both_databases
from tests.support.people import Person

LATER = timedelta(days=91)


def user_of(app: Flask, name: str) -> User:
    with app.app_context():
        found = db.session.scalars(select(User).where(User.username == name)).one()
        db.session.expunge(found)
        return found


def states(app: Flask, user_id: int) -> dict[str, str]:
    with app.app_context():
        return {row.display: row.state for row in registry.names_of(db.session(), user_id)}


def forget(app: Flask, user_id: int, later: timedelta = LATER) -> bool:
    with freeze_time(clock.now() + later, tick=True), app.app_context():
        return abandon(user_id)


@both_databases
def test_a_name_that_spoke_is_retired_and_one_that_did_not_rests(app: Flask, hana: Person, gus: Person) -> None:
    here, there = hana.open_room(), hana.open_room("Coffee")
    account = gus.roll(here)
    gus.join(here, account)
    extra = gus.roll(there)
    gus.join(there, extra)
    gus.say(there, "hello")
    user_id = user_of(app, account).id
    assert forget(app, user_id) is True
    assert states(app, user_id) == {account: NameState.RESTING, extra: NameState.RETIRED}
    shown = gus.get(f"/rooms/{there}/messages").text
    assert extra in shown, "messages keep the name they were written under"


@both_databases
def test_who_only_hosted_a_room_has_spoken(app: Flask, hana: Person) -> None:
    hana.open_room()
    name = hana.name
    assert name
    user_id = user_of(app, name).id
    assert forget(app, user_id)
    assert states(app, user_id) == {name: NameState.RETIRED}


def test_spoken_names_rest_too_where_the_operator_says_so(make_app: Callable[..., Flask]) -> None:
    app = make_app(NAME_RETIRE_SPOKEN="false")
    hana = Person(app)
    hana.open_room()
    user_id = user_of(app, hana.name or "").id
    assert forget(app, user_id)
    assert set(states(app, user_id).values()) == {NameState.RESTING}


@both_databases
def test_a_name_that_never_spoke_is_free_again_after_its_rest(app: Flask, hana: Person, gus: Person) -> None:
    code = hana.open_room()
    name = gus.roll(code)
    gus.join(code, name)
    user_id = user_of(app, name).id
    assert forget(app, user_id)

    def claimable(days: float) -> bool:
        with freeze_time(clock.now() + LATER + timedelta(days=days), tick=True), app.app_context():
            free = availability.check(name, user_id=None, rollers=[]).available
            try:
                with transaction() as session:
                    registry.claim(session, name, user_id=hana_id, kind=NameKind.ROOM, rollers=[])
            except registry.NameTaken:
                assert not free
                return False
            assert free
            return True

    hana_id = user_of(app, hana.name or "").id
    assert claimable(29.9) is False
    assert claimable(30.1) is True
    with app.app_context():
        row = db.session.scalars(select(Name).where(Name.key == canonical_key(name))).one()
        assert (row.user_id, row.state) == (hana_id, NameState.ACTIVE)


@both_databases
def test_a_forgotten_guest_is_a_visitor_with_every_old_credential(app: Flask, hana: Person, gus: Person) -> None:
    code = hana.open_room()
    name = gus.roll(code)
    gus.join(code, name)
    before = user_of(app, name)
    assert forget(app, before.id)
    after = user_of(app, name)
    assert (after.is_abandoned, after.fingerprint_hash, after.epoch) == (True, None, before.epoch + 1)
    assert after.abandoned_at is not None
    assert after.fingerprint_data == before.fingerprint_data, "evidence stays for its own time"
    assert gus.name is None
    with app.app_context():
        assert all(row.revoked_at for row in db.session.scalars(select(Device).where(Device.user_id == after.id)))
        ended = db.session.scalars(select(LoginSession).where(LoginSession.user_id == after.id))
        assert all(row.revoked_at for row in ended)


@both_databases
def test_only_idle_guests_are_forgotten_and_only_once(app: Flask, hana: Person) -> None:
    hana.open_room()
    user_id = user_of(app, hana.name or "").id
    assert forget(app, user_id, timedelta(days=89)) is False
    with app.app_context(), transaction() as session:
        session.get_one(User, user_id).is_registered = True
    assert forget(app, user_id) is False, "a member is never forgotten"
    assert set(states(app, user_id).values()) == {NameState.ACTIVE}
    with app.app_context(), transaction() as session:
        session.get_one(User, user_id).is_registered = False
    assert forget(app, user_id) is True
    assert forget(app, user_id) is False
    assert forget(app, 987_654) is False


def test_with_minus_one_day_nobody_is_forgotten(make_app: Callable[..., Flask]) -> None:
    app = make_app(UNREGISTERED_ACCOUNT_ABANDONMENT_DAYS="-1")
    hana = Person(app)
    hana.open_room()
    assert forget(app, user_of(app, hana.name or "").id, timedelta(days=5_000)) is False


@pytest.mark.parametrize(("days", "is_kept"), [("0", False), ("3", True)])
def test_a_sleeping_guests_device_is_kept(make_app: Callable[..., Flask], days: str, is_kept: bool) -> None:
    app = make_app(GUEST_SLEEP_DAYS=days)
    hana = Person(app)
    hana.open_room()
    user_id = user_of(app, hana.name or "").id
    assert forget(app, user_id)
    with app.app_context():
        device = db.session.scalars(select(Device).where(Device.user_id == user_id)).one()
        assert (device.revoked_at is None) is is_kept


@both_databases
def test_a_forgotten_account_does_not_own_its_names_any_more(app: Flask, hana: Person, gus: Person) -> None:
    code = hana.open_room()
    rested = gus.roll(code)
    gus.join(code, rested)
    retired = hana.name or ""
    for name in (rested, retired):
        user_id = user_of(app, name).id
        assert forget(app, user_id)
        with app.app_context():
            assert not availability.check(name, user_id=user_id, rollers=[f"user:{user_id}"]).available
