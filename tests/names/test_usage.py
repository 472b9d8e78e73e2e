"""How full the namespace is, and the alert."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from freezegun import freeze_time
from structlog.testing import capture_logs

from chatpop.core import clock
from chatpop.core.transactions import transaction
from chatpop.names import crowding, usage
from chatpop.names.capacity import capacity
from chatpop.names.key import canonical_key
from chatpop.names.models import Name, NameKind, NameState
from tests.conftest import both_databases
from tests.support.people import Person
from tests.support.valkey import RunningValkey


def put(app: Flask, states: list[NameState], days_ago: int = 0) -> None:
    with app.app_context(), transaction() as session:
        for number, state in enumerate(states):
            name = f"Turnip{days_ago}x{'abcdefghjk'[number]}"
            session.add(
                Name(
                    key=canonical_key(name),
                    display=name,
                    kind=NameKind.ACCOUNT,
                    state=state,
                    claimed_at=clock.now() - timedelta(days=days_ago),
                )
            )


@both_databases
def test_names_are_counted_by_state_and_day(app: Flask, gus: Person) -> None:
    put(app, [NameState.ACTIVE, NameState.ACTIVE, NameState.RESTING, NameState.RETIRED])
    put(app, [NameState.ACTIVE] * 3, days_ago=40)
    put(app, [NameState.ACTIVE], days_ago=100)
    gus.roll()
    with app.app_context():
        found = usage.measure()
    assert (found.active, found.resting, found.retired, found.held) == (6, 1, 1, 1)
    assert (found.used, found.digits) == (8, 3)
    assert found.capacity == capacity(crowding.MAX_DIGITS)
    days = [(clock.now() - timedelta(days=ago)).date().isoformat() for ago in (40, 0)]
    assert found.by_day == [(days[0], 3), (days[1], 4)]
    assert found.years_left == round((found.capacity - 8) / 4 * 30 / 365.25, 1)
    assert not found.is_crowded


def test_an_empty_site_has_no_end_in_sight(app: Flask) -> None:
    with app.app_context():
        assert usage.measure().years_left is None


def test_four_fifths_used_raise_a_warning(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    put(app, [NameState.ACTIVE] * 8)
    with app.app_context():
        for size, warned in [(11, False), (10, True), (0, True)]:
            monkeypatch.setattr(usage, "capacity", lambda digits, words, size=size: size)
            with capture_logs() as logs:
                usage.check()
            assert [entry["log_level"] for entry in logs if entry["event"] == "namespace_crowded"] == (
                ["warning"] if warned else []
            )


def test_the_admin_reads_what_the_job_has_measured(app: Flask) -> None:
    with app.app_context():
        measured = usage.check()
        put(app, [NameState.ACTIVE])
        assert usage.latest() == measured
        with freeze_time(clock.now() + timedelta(hours=1), tick=True):
            assert usage.check().active == 1
            assert usage.latest().active == 1


def test_without_redis_the_database_is_still_counted(app: Flask, valkey: RunningValkey) -> None:
    put(app, [NameState.ACTIVE])
    valkey.stop()
    try:
        with app.app_context():
            assert (usage.latest().active, usage.check().held) == (1, 0)
    finally:
        valkey.start()
