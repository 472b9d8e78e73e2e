"""Retention: evidence, accounts that left nothing, and rooms in which nothing happened, each have their time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from freezegun import freeze_time
from sqlalchemy import func, select, update

from chatpop.core import clock
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.identity.sleeping import Sleep
from chatpop.lifecycle.empty_rooms import delete_empty_rooms
from chatpop.lifecycle.evidence import drop_evidence
from chatpop.lifecycle.forgetting import delete_forgotten
from chatpop.lifecycle.models import Merge
from chatpop.lifecycle.sweep import sweep
from chatpop.names.models import Name, NameState
from chatpop.rooms.models import Participation, Room
from chatpop.settings import changing
from chatpop.uploads.models import FileRemoval
from tests.conftest import both_databases
from tests.lifecycle.idlers import DAY, give_file, make_guests
from tests.support.people import Person

SECOND = timedelta(seconds=1)


def abandon_all(app: Flask) -> None:
    with app.app_context():
        assert sweep(force=True)


def run_at(app: Flask, job: Callable[[], int], later: timedelta) -> int:
    with freeze_time(clock.now() + later), app.app_context():
        return job()


def evidence_of(app: Flask) -> dict[int, tuple[object, ...]]:
    with app.app_context():
        users = db.session.scalars(select(User))
        return {user.id: (user.fingerprint_data, user.registration_ip, user.last_login_ip) for user in users}


@both_databases
def test_evidence_goes_30_days_after_the_guest_was_forgotten(app: Flask) -> None:
    now = clock.now().replace(microsecond=0)
    with freeze_time(now):
        gone, merged = make_guests(app, 2, unseen=100 * DAY)
        abandon_all(app)
        (living,) = make_guests(app, 1, unseen=DAY)
        with app.app_context(), transaction() as session:
            session.add(
                Merge(member_id=living, guest_id=merged, member_name="Mia", merged_at=now, undo_until=now + 99 * DAY)
            )
    before = evidence_of(app)
    with freeze_time(now + 30 * DAY), app.app_context():
        assert drop_evidence() == 0
    assert evidence_of(app) == before
    with freeze_time(now + 30 * DAY + SECOND), app.app_context():
        assert drop_evidence() == 1
        assert drop_evidence() == 0
    assert evidence_of(app) == before | {gone: (None, None, None)}


def test_the_last_address_of_somebody_unseen_for_a_year_goes(app: Flask) -> None:
    old, fresh = make_guests(app, 1, unseen=366 * DAY) + make_guests(app, 1, unseen=364 * DAY)
    with app.app_context(), transaction() as session:
        session.execute(update(User).values(is_registered=True))
    assert run_at(app, drop_evidence, timedelta()) == 1
    assert [evidence_of(app)[user][2] for user in (old, fresh)] == [None, "192.0.2.8"]
    assert evidence_of(app)[old][1] == "192.0.2.7"


@both_databases
def test_who_left_nothing_public_is_deleted_for_good(app: Flask, hana: Person, gus: Person) -> None:
    code = hana.open_room()
    gus.join(code)
    gus.say(code, "I was here")
    with app.app_context(), transaction() as session:
        session.execute(update(User).values(last_seen_at=clock.now() - 100 * DAY))
    silent, open_handed, sleeper, hoarder = make_guests(app, 4, unseen=100 * DAY)
    give_file(app, open_handed, private=False)
    with app.app_context(), transaction() as session:
        session.execute(update(Name).where(Name.user_id == hoarder).values(state=NameState.RETIRED))
    abandon_all(app)
    give_file(app, hoarder, private=True)
    with app.app_context(), transaction() as session:
        session.add(Sleep(user_id=sleeper, ends_at=clock.now() + 100 * DAY))
    assert run_at(app, delete_forgotten, 5_000 * DAY) == 0, "-1 is never"
    with app.app_context():
        changing.change("ABANDONED_DELETE_DAYS", "10")
    assert run_at(app, delete_forgotten, 9 * DAY) == 0
    assert run_at(app, delete_forgotten, 11 * DAY) == 2
    with app.app_context():
        left = set(db.session.scalars(select(User.id)))
        assert left.isdisjoint({silent, hoarder})
        assert {open_handed, sleeper} <= left
        assert len(left) == 4, "the host and the one who wrote stay"
        kept = {name.state for name in db.session.scalars(select(Name).where(Name.user_id.is_(None)))}
        assert kept == {NameState.RESTING, NameState.RETIRED}
        assert db.session.scalar(select(func.count()).select_from(FileRemoval)) == 1
    assert run_at(app, delete_forgotten, 11 * DAY) == 0
    assert "I was here" in Person(app).get(f"/rooms/{code}/messages").text


@both_databases
def test_a_room_where_nothing_happened_goes_after_its_host(app: Flask, hana: Person, gus: Person, oto: Person) -> None:
    kept_by_host, spoken = hana.open_room("Host"), gus.open_room("Spoken")
    gus.say(spoken, "hello")
    silent, used = oto.open_room("Silent"), oto.open_room("Used")
    hana.join(used)
    names = [gus.name, oto.name]
    with app.app_context(), transaction() as session:
        session.execute(update(User).where(User.username.in_(names)).values(is_abandoned=True))
    assert run_at(app, delete_empty_rooms, 29 * DAY) == 0
    assert run_at(app, delete_empty_rooms, 31 * DAY) == 1
    with app.app_context():
        assert set(db.session.scalars(select(Room.code))) == {kept_by_host, spoken, used}
        rooms = select(Room.id)
        assert db.session.scalar(select(func.count()).where(Participation.room_id.not_in(rooms))) == 0
    assert oto.get(f"/rooms/{silent}").status_code == 404
    assert run_at(app, delete_empty_rooms, 31 * DAY) == 0


@pytest.mark.parametrize("sleeps", [True, False])
def test_the_room_of_a_host_who_sleeps_stays(app: Flask, hana: Person, sleeps: bool) -> None:
    hana.open_room()
    with app.app_context(), transaction() as session:
        user = session.scalars(select(User)).one()
        user.is_abandoned = True
        if sleeps:
            session.add(Sleep(user_id=user.id, ends_at=clock.now() + 99 * DAY))
    assert run_at(app, delete_empty_rooms, 31 * DAY) == int(not sleeps)
