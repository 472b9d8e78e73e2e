"""The admin's first page: figures by day without following anybody, and what should be looked at now."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from freezegun import freeze_time
from redis import Redis
from sqlalchemy import insert, select

from chatpop.core import clock, tallies
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.lifecycle import daily_figures
from chatpop.lifecycle.alerts import alerts
from chatpop.lifecycle.figure_models import DailyFigure
from chatpop.lifecycle.standing import QueueState, SweepState
from chatpop.names import usage
from chatpop.rooms.models import Message
from tests.accounts.acts import make_member
from tests.conftest import both_databases
from tests.support.people import Person
from tests.support.valkey import RunningValkey

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
DAY = NOON.date()


@pytest.fixture(autouse=True)
def only_our_counts() -> None:
    """Nothing of an earlier test is carried to Redis any more once this test has emptied it."""
    tallies.forget()


def kept(app: Flask, day: date = DAY) -> dict[str, int]:
    with app.app_context():
        rows = db.session.execute(select(DailyFigure.kind, DailyFigure.count).where(DailyFigure.day == day))
        return {str(kind): int(number) for kind, number in rows}


def keep(app: Flask) -> int:
    with app.app_context():
        return daily_figures.keep()


@both_databases
def test_a_day_is_counted_from_visitors_to_members(
    app: Flask, hana: Person, gus: Person, oto: Person, person: Callable[[], Person]
) -> None:
    with freeze_time(NOON, tick=True):
        code = hana.open_room()
        hana.say(code, "hello")
        gus.join(code)
        gus.say(code, "hello")
        gus.say(code, "again")
        for reader, browser in ((oto, "one"), (oto, "one"), (person(), "another")):
            reader.get(f"/rooms/{code}", headers={"User-Agent": browser})
        make_member(person())
    with freeze_time(NOON + timedelta(days=1), tick=True):
        gus.say(code, "a day later")
        hana.get("/")
        assert keep(app) == 1
        assert keep(app) == 0
    first = kept(app)
    assert first == {"visitors": 2, "rolls": 1, "guests": 2, "first_messages": 2, "came_back": 0, "members": 1}
    with freeze_time(NOON + timedelta(days=2), tick=True):
        assert keep(app) == 1
    second = kept(app, DAY + timedelta(days=1))
    assert second == {"visitors": 1, "rolls": 0, "guests": 0, "first_messages": 0, "came_back": 2, "members": 0}
    assert kept(app) == first, "a day that is over is never counted again"


def test_a_visitor_can_not_be_followed_to_the_next_day(app: Flask, oto: Person, redis: Redis) -> None:
    with freeze_time(NOON, tick=True), app.app_context():
        oto.get("/")
        tallies.flush()
        first = str(redis.get(f"tallies:{DAY}:salt"))
        assert redis.ttl(f"tallies:{DAY}:salt") <= 26 * 3600  # type: ignore[operator]
        stored = " ".join(str(redis.dump(key)) for key in redis.keys("tallies*") if "salt" not in str(key))  # type: ignore[union-attr]
        assert "127.0.0.1" not in stored
        assert "Firefox" not in stored
    with freeze_time(NOON + timedelta(days=1), tick=True), app.app_context():
        oto.get("/")
        tallies.flush()
        assert str(redis.get(f"tallies:{DAY + timedelta(days=1)}:salt")) != first
    assert oto.client.get_cookie("chatpop_visitor") is None


def test_days_that_the_job_missed_are_made_up_for(app: Flask, hana: Person) -> None:
    with freeze_time(NOON, tick=True):
        hana.open_room()
    with freeze_time(NOON + timedelta(days=10), tick=True):
        assert keep(app) == 10
    assert kept(app)["guests"] == 1
    assert "came_back" not in kept(app), "the tokens of that day are gone, so nothing is claimed"


def test_an_empty_site_has_a_page_of_zeros(ada: Person) -> None:
    page = ada.get("/admin").text
    assert page.count("<figure") == 6
    assert page.count('<th scope="row">20') == 30
    assert "Came back" in page
    assert "No worker gives signs of life" in page


def test_today_stands_on_the_page(ada: Person, hana: Person) -> None:
    hana.open_room()
    page = ada.get("/admin").text
    today = re.search(rf'<th scope="row">{clock.now().date().isoformat()}</th>(.*?)</tr>', page)
    assert today
    visitors, rolls, guests, *_ = re.findall(r"<td>([^<]*)</td>", today.group(1))
    assert (rolls, guests) == ("0", "1")
    assert int(visitors) >= 0


def test_the_page_stands_while_redis_is_away(ada: Person, valkey: RunningValkey) -> None:
    valkey.stop()
    try:
        page = ada.get("/admin")
    finally:
        valkey.start()
    assert page.status_code == 200
    assert "Redis is away: nobody can roll or join" in page.text


def test_alerts_say_what_is_wrong_and_nothing_when_all_is_well(app: Flask) -> None:
    fine = QueueState(waiting=0, started=0, scheduled=1, failed=0, has_worker=True)
    with app.app_context():
        names = usage.measure()
        now = clock.timestamp()
        assert alerts(names, fine, SweepState(now - 3600, 0, 0, is_held_back=False)) == []
        assert alerts(names, fine, None) == []
        late = alerts(names, fine, SweepState(now - 4 * 3600, 0, 0, is_held_back=False))
        assert late == ["The sweep has not run for more than three hours."]
        trouble = alerts(names, QueueState(101, 0, 0, 2, has_worker=False), SweepState(now, 0, 3, is_held_back=False))
    assert len(trouble) == 4
    assert "2 jobs have failed." in trouble


@pytest.mark.slow
def test_a_hundred_thousand_rows_are_counted_in_a_moment(app: Flask, ada: Person, hana: Person) -> None:
    code = hana.open_room()
    hana.say(code, "first")
    with app.app_context():
        fill(100_000)
    began = time.perf_counter()
    assert ada.get("/admin").status_code == 200
    assert time.perf_counter() - began < 2.0


def fill(number: int) -> None:
    now = clock.now()
    with transaction() as session:
        session.execute(
            insert(User),
            [
                {
                    "username": f"Someone{place}",
                    "epoch": 0,
                    "is_registered": False,
                    "is_abandoned": False,
                    "is_disabled": False,
                    "is_admin": False,
                    "created_at": now - timedelta(minutes=place),
                    "last_seen_at": now,
                }
                for place in range(number)
            ],
        )
        last = session.scalar(select(User.id).order_by(User.id.desc()).limit(1)) or number
        pattern = session.scalars(select(Message)).first()
        assert pattern
        session.execute(
            insert(Message),
            [
                {
                    "room_id": pattern.room_id,
                    "seq": pattern.seq + 1 + place,
                    "author_id": last - place,
                    "author_name": "Someone",
                    "author_tag": "tag",
                    "author_is_verified": False,
                    "body": "hello",
                    "client_id": str(place),
                    "created_at": now,
                }
                for place in range(number)
            ],
        )
