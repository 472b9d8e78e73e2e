"""The sweep: exactly the idle guests are forgotten, once, whatever goes wrong with one of them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from flask import Flask
from freezegun import freeze_time
from sqlalchemy import func, select, text, update
from structlog.testing import capture_logs

from chatpop.core import clock
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity import seeing
from chatpop.identity.jobs import delete_expired_tokens
from chatpop.identity.models import Device, ResumeCode, User
from chatpop.identity.models import Session as LoginSession
from chatpop.lifecycle.models import Merge
from chatpop.lifecycle.sweep import sweep
from chatpop.lifecycle.sweep_models import SweepRun
from chatpop.names.models import Name, NameState
from chatpop.settings import changing
from chatpop.uploads.models import FileRemoval, Upload
from tests.conftest import both_databases
from tests.lifecycle.idlers import DAY, abandoned, give_file, make_guests
from tests.support.people import Person

WINDOW = 90 * DAY


def swept(app: Flask, at: datetime | None = None, *, force: bool = False) -> int:
    with freeze_time(at or clock.now(), tick=True), app.app_context():
        return sweep(force)


def last_run(app: Flask) -> SweepRun:
    with app.app_context():
        return db.session.scalars(select(SweepRun).order_by(SweepRun.id.desc())).first()  # type: ignore[return-value]


@both_databases
def test_by_last_activity_and_to_the_second(app: Flask) -> None:
    """One was made 200 days ago and seen yesterday, one never again after its first minute."""
    now = clock.now().replace(microsecond=0)
    with freeze_time(now):
        old, once = make_guests(app, 1, unseen=200 * DAY) + make_guests(app, 1, unseen=timedelta())
        with app.app_context(), transaction() as session:
            session.get_one(User, old).last_seen_at = now - DAY
    for seconds, gone in ((-1, set()), (0, set()), (1, {once})):
        with freeze_time(now + WINDOW - DAY + timedelta(seconds=seconds)), app.app_context():
            assert sweep() == 0, "not yet: the younger of the two was seen a day later than this"
        with freeze_time(now + WINDOW + timedelta(seconds=seconds)), app.app_context():
            sweep()
        assert abandoned(app) - {old} == gone
    assert abandoned(app) == {old, once}, "the older one's own 90 days were over a day earlier"


@both_databases
def test_everything_private_goes_and_everything_public_stays(app: Flask, hana: Person, gus: Person) -> None:
    code = hana.open_room()
    gus.join(code)
    gus.say(code, "hello")
    hana.post("/returning/code")
    (user_id,) = make_guests(app, 1, unseen=timedelta())
    private, public = give_file(app, user_id, private=True), give_file(app, user_id, private=False)
    assert swept(app, clock.now() + 91 * DAY) == 3
    with app.app_context():
        user = db.session.get_one(User, user_id)
        assert (user.fingerprint_hash, user.items_count, user.epoch) == (None, 1, 1)
        assert user.fingerprint_data, "evidence has its own time"
        assert set(db.session.scalars(select(Upload.public_id))) == {public}
        assert set(db.session.scalars(select(FileRemoval.key))) == {private}, "its file is on its way out"
        assert db.session.scalar(select(func.count(ResumeCode.user_id))) == 0
        for model in (Device, LoginSession):
            assert db.session.scalar(select(func.count()).select_from(model).where(model.revoked_at.is_(None))) == 0
        states = set(db.session.scalars(select(Name.state)))
        assert states == {NameState.RETIRED}, "hosting, writing and a public file are all speech"
    oto = Person(app)
    assert "hello" in oto.get(f"/rooms/{code}").text


def test_a_name_with_only_private_files_has_not_spoken(app: Flask) -> None:
    (user_id,) = make_guests(app, 1, unseen=91 * DAY)
    give_file(app, user_id, private=True)
    assert swept(app) == 1
    with app.app_context():
        assert db.session.scalars(select(Name.state)).all() == [NameState.RESTING]


@both_databases
def test_members_the_living_and_merged_guests_are_left_alone(app: Flask) -> None:
    member, merged, idle = make_guests(app, 3, unseen=400 * DAY)
    living = make_guests(app, 2, unseen=10 * DAY)
    with app.app_context(), transaction() as session:
        session.get_one(User, member).is_registered = True
        now = clock.now()
        session.add(
            Merge(member_id=member, guest_id=merged, member_name="Mia", merged_at=now, undo_until=now + 7 * DAY)
        )
    assert swept(app) == 1
    assert abandoned(app) == {idle}
    assert swept(app) == 0, "and a second run has nothing to do"
    assert living


def test_minus_one_is_never_and_zero_is_at_once(make_app: Callable[..., Flask]) -> None:
    app = make_app(UNREGISTERED_ACCOUNT_ABANDONMENT_DAYS="-1")
    make_guests(app, 2, unseen=5_000 * DAY)
    assert swept(app) == 0
    with app.app_context():
        changing.change("UNREGISTERED_ACCOUNT_ABANDONMENT_DAYS", "0")
    assert swept(app) == 2


@both_databases
def test_one_guest_that_fails_does_not_stop_the_rest(app: Flask, database_kind: str) -> None:
    guests = make_guests(app, 5, unseen=100 * DAY)
    with app.app_context():
        for statement in _refuse(guests[2], database_kind):
            db.session.execute(text(statement))
        db.session.commit()
    with capture_logs() as lines:
        assert swept(app) == 4
    assert abandoned(app) == set(guests) - {guests[2]}
    (failure,) = [line for line in lines if line["log_level"] == "error"]
    assert (failure["event"], failure["user"]) == ("guest_not_forgotten", guests[2])
    assert "stubborn" in failure["said"]
    assert "ffff" not in str(failure)
    assert "192.0.2" not in str(failure)
    (done,) = [line for line in lines if line["event"] == "sweep_done"]
    assert (done["log_level"], done["count"], done["failed"]) == ("info", 4, 1)
    run = last_run(app)
    assert (run.due, run.swept, run.failed, run.is_held_back) == (5, 4, 1, False)


@both_databases
def test_a_guest_who_comes_at_the_last_moment_stays(app: Flask) -> None:
    """Whoever writes first has decided: the sweep looks again under the lock, the request at its own statement."""
    early, late = make_guests(app, 2, unseen=100 * DAY)
    with app.app_context():
        seen, gone = db.session.get_one(User, early), db.session.get_one(User, late)
        assert seeing.touch(seen)
        assert sweep() == 1
        assert not seeing.touch(gone), "the request goes on as a visitor's"
    assert abandoned(app) == {late}


@both_databases
def test_two_at_once_add_up_to_one(app: Flask) -> None:
    guests = make_guests(app, 40, unseen=100 * DAY)
    with ThreadPoolExecutor(2) as pool:
        counts = list(pool.map(lambda _: swept_now(app), range(2)))
    assert sum(counts) == 40
    assert abandoned(app) == set(guests)


def swept_now(app: Flask) -> int:
    with app.app_context():
        return sweep()


@both_databases
def test_more_than_a_batch(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatpop.lifecycle.sweep.BATCH", 7)
    make_guests(app, 20, unseen=100 * DAY)
    make_guests(app, 3, unseen=101 * DAY)
    assert swept(app) == 23


def test_many_failures_in_a_row_end_the_run(app: Flask) -> None:
    guests = make_guests(app, 40, unseen=100 * DAY)
    with app.app_context():
        db.session.execute(text(_refuse(guests[0], "sqlite")[0].replace(f"NEW.id = {guests[0]}", "1")))
        db.session.commit()
    with pytest.raises(Exception, match="stubborn"):
        swept(app)
    run = last_run(app)
    assert (run.swept, run.failed, run.ended_at) == (0, 25, None)


class TestTheBrake:
    """Too large a share at once looks like a wrong clock: alert, and wait a day."""

    def test_a_share_above_the_limit_waits_a_day_and_then_goes(self, app: Flask) -> None:
        make_guests(app, 101, unseen=100 * DAY)
        now = clock.now()
        for hours in (0, 1, 12, 23.9):
            with capture_logs() as lines:
                assert swept(app, now + timedelta(hours=hours)) == 0
            assert [(line["event"], line["log_level"]) for line in lines] == [("sweep_held_back", "warning")]
            run = last_run(app)
            assert (run.is_held_back, run.due, run.guests, run.swept) == (True, 101, 101, 0)
        assert abandoned(app) == set()
        assert swept(app, now + timedelta(hours=24, seconds=1)) == 101

    def test_a_clock_that_jumps_forward_by_a_day_forgets_nobody_unnoticed(self, app: Flask) -> None:
        make_guests(app, 150, unseen=89.5 * DAY)
        assert swept(app) == 0
        assert swept(app, clock.now() + DAY) == 0
        assert last_run(app).is_held_back
        assert swept(app) == 0, "the clock is right again"
        assert not last_run(app).is_held_back
        assert swept(app, clock.now() + DAY) == 0, "and the wait begins anew"
        assert abandoned(app) == set()

    def test_force_goes_at_once(self, app: Flask) -> None:
        make_guests(app, 120, unseen=100 * DAY)
        assert swept(app) == 0
        assert swept(app, force=True) == 120
        assert last_run(app).is_forced

    @pytest.mark.parametrize(("idle", "living"), [(100, 0), (101, 404)])
    def test_a_hundred_or_a_small_share_is_not_held(self, app: Flask, idle: int, living: int) -> None:
        make_guests(app, idle, unseen=100 * DAY)
        make_guests(app, living, unseen=DAY)
        assert swept(app) == idle

    def test_an_alert_of_last_week_is_none_of_today(self, app: Flask) -> None:
        make_guests(app, 101, unseen=100 * DAY)
        assert swept(app) == 0
        assert swept(app, clock.now() + 8 * DAY) == 0
        assert swept(app, clock.now() + 9 * DAY + timedelta(minutes=1)) == 101

    def test_a_run_that_was_broken_off_after_the_wait_need_not_wait_again(self, app: Flask) -> None:
        make_guests(app, 130, unseen=100 * DAY)
        assert swept(app) == 0
        with app.app_context(), transaction() as session:
            run = session.scalars(select(SweepRun)).one()
            at = run.asked_at + timedelta(hours=25)
            session.add(SweepRun(source="schedule", asked_at=at, began_at=at, guests=130, due=130, swept=3))
        assert swept(app, clock.now() + timedelta(hours=26)) == 130


@both_databases
def test_the_chip_tells_the_day_until_which_the_guest_is_kept(app: Flask, hana: Person) -> None:
    hana.open_room()
    for days in (0, 40):
        with freeze_time(clock.now() + days * DAY, tick=True):
            until = clock.now() + WINDOW
            page = hana.get("/").text
            assert f"{until:%-d %B %Y}" in page
    with app.app_context():
        assert db.session.scalars(select(User.last_seen_at)).one() > clock.now() + 39 * DAY


@pytest.mark.parametrize("late", [0, 20])
def test_a_forgotten_guest_is_told_so_once(app: Flask, hana: Person, late: int) -> None:
    hana.open_room()
    with app.app_context(), transaction() as session:
        session.execute(update(User).values(last_seen_at=clock.now() - 91 * DAY))
    assert swept(app) == 1
    with freeze_time(clock.now() + late * DAY, tick=True):
        with app.app_context():
            delete_expired_tokens()
        assert "has been forgotten" in hana.get("/").text
        assert "has been forgotten" not in hana.get("/").text
        assert not [kind for kind in ("access", "refresh", "device") if hana.cookie(kind)]


def test_the_cookie_of_a_daily_visitor_does_not_run_out(app: Flask, hana: Person) -> None:
    """Tokens alone carry a daily visitor; the device's cookie must slide beside them."""
    hana.open_room()
    with freeze_time(clock.now() + 2 * DAY, tick=True):
        answer = hana.get("/")
        given = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith("chatpop_device=")]
        assert len(given) == 1
        assert f"Max-Age={90 * 86_400}" in given[0]
        again = hana.get("/").headers.getlist("Set-Cookie")
        assert not [line for line in again if line.startswith("chatpop_device=")], "once a day is enough"


def _refuse(user_id: int, kind: str) -> list[str]:
    """Make the database refuse to forget one guest."""
    if kind == "sqlite":
        return [
            f"CREATE TRIGGER stubborn BEFORE UPDATE ON users WHEN NEW.id = {user_id} "
            "BEGIN SELECT RAISE(ABORT, 'stubborn guest'); END"
        ]
    return [
        "CREATE FUNCTION stubborn() RETURNS trigger AS $$ BEGIN "
        f"IF NEW.id = {user_id} THEN RAISE EXCEPTION 'stubborn guest'; END IF; RETURN NEW; END $$ LANGUAGE plpgsql",
        "CREATE TRIGGER stubborn BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION stubborn()",
    ]
