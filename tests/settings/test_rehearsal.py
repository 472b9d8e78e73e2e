"""A limit is tried on the last day's use before it is saved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from freezegun import freeze_time
from redis import Redis

from chatpop.accounts.admins import create_admin
from chatpop.accounts.registration import Draft
from chatpop.core import clock, tallies
from chatpop.settings import registry
from chatpop.settings.rehearsal import can_rehearse, rehearse
from tests.accounts.acts import PASSWORD, log_in, make_member
from tests.support.people import Person
from tests.support.valkey import RunningValkey


@pytest.fixture(autouse=True)
def only_our_counts() -> None:
    """Nothing of an earlier test is carried to Redis any more once this test has emptied it."""
    tallies.forget()


def told(app: Flask, setting: registry.AnySetting, value: int) -> str:
    with app.app_context():
        found = rehearse(setting, value)
        assert found
        return found.sentence


ROLLS = registry.MAX_ANONYMOUS_USERNAME_GENERATION_ATTEMPTS


def test_people_are_counted_by_what_they_are_and_once_each(app: Flask, person: Callable[[], Person]) -> None:
    code = person().open_room()
    visitor, guest, member = person(), person(), make_member(person())
    guest.join(code)
    for someone, rolls in ((visitor, 4), (guest, 3), (member, 2)):
        for _ in range(rolls):
            someone.roll(code)
    assert told(app, ROLLS, 5) == "In the last 24 hours 5 would have stopped nobody."
    assert told(app, ROLLS, 3) == "In the last 24 hours 3 would have stopped 1 visitor."
    assert told(app, ROLLS, 1) == "In the last 24 hours 1 would have stopped 1 visitor, 1 guest and 1 member."
    assert (
        told(app, registry.MAX_ROLLS_PER_ROOM, 2) == "In the last 24 hours 2 would have stopped 1 visitor and 1 guest."
    )


def test_networks_are_counted_and_a_wide_one_as_the_setting_counts_it(app: Flask) -> None:
    for host in range(4):
        Person(app, f"2001:db8:1:{host}::1").roll()
    for _ in range(3):
        Person(app, "203.0.113.7").roll()
    setting = registry.MAX_ROLLS_PER_NETWORK
    assert told(app, setting, 2) == "In the last 24 hours 2 would have stopped 1 network."
    assert told(app, setting, 3) == "In the last 24 hours 3 would have stopped nobody."


def test_a_value_above_the_present_one_is_only_bounded(make_app: Callable[..., Flask]) -> None:
    app = make_app(MAX_ANONYMOUS_USERNAME_GENERATION_ATTEMPTS="2")
    gus = Person(app)
    for _ in range(5):
        gus.post("/api/accounts/suggest-username/", json={})
    assert told(app, ROLLS, 2) == "In the last 24 hours 2 would have stopped 1 visitor."
    assert told(app, ROLLS, 3) == "In the last 24 hours 3 would have stopped at most 1 visitor."


def test_messages_of_guests_and_members_are_kept_apart(app: Flask, hana: Person, gus: Person) -> None:
    code = hana.open_room()
    make_member(gus)
    gus.join(code)
    for number in range(3):
        hana.say(code, f"line {number}")
    for number in range(2):
        gus.say(code, f"line {number}")
    assert told(app, registry.MAX_MESSAGES_PER_MINUTE_GUEST, 1).endswith("stopped 1 guest.")
    assert told(app, registry.MAX_MESSAGES_PER_MINUTE_MEMBER, 1).endswith("stopped 1 member.")
    assert told(app, registry.MAX_MESSAGES_PER_MINUTE_MEMBER, 2).endswith("stopped nobody.")


def test_yesterdays_use_is_forgotten(app: Flask, gus: Person, redis: Redis) -> None:
    gus.roll()
    gus.roll()
    assert told(app, ROLLS, 1).endswith("1 visitor.")
    assert all(0 < redis.ttl(key) <= tallies.PEAKS_KEPT_SECONDS for key in redis.keys("tallies:peaks:*"))  # type: ignore[operator,union-attr]
    with freeze_time(clock.now() + timedelta(hours=26), tick=True):
        assert told(app, ROLLS, 1).endswith("nobody.")


def test_nobody_can_be_read_off_what_is_kept(app: Flask, redis: Redis) -> None:
    gus = Person(app, "203.0.113.7")
    name = gus.roll()
    with app.app_context():
        tallies.flush()
    kept = [str(member) for key in redis.keys("tallies:peaks:*") for member in redis.zrange(key, 0, -1)]  # type: ignore[union-attr]
    assert len(kept) == 2
    assert not [member for member in kept if "203.0.113" in member or name in member or "visitor:" in member]


def test_what_is_not_counted_or_out_of_bounds_is_not_rehearsed(app: Flask, valkey: RunningValkey) -> None:
    with app.app_context():
        assert not can_rehearse(registry.PASSWORD_MIN_LENGTH)
        assert rehearse(registry.PASSWORD_MIN_LENGTH, 9) is None
        with pytest.raises(registry.BadSetting):
            rehearse(ROLLS, "many")
        valkey.stop()
        try:
            assert rehearse(ROLLS, 3) is None
        finally:
            valkey.start()


def test_an_admin_tries_a_value_and_nothing_is_saved(app: Flask, gus: Person) -> None:
    for _ in range(3):
        gus.roll()
    with app.app_context():
        create_admin(Draft("Ada", "ada@example.com", PASSWORD))
    ada = Person(app)
    log_in(ada, "Ada")
    sent = ada.post(f"/admin/settings/{ROLLS.name}/rehearsals", data={"value": "2"})
    assert sent.headers["Location"] == f"/admin/settings?rehearsed={ROLLS.name}&value=2#{ROLLS.name}"
    page = ada.get(sent.headers["Location"]).text
    assert "In the last 24 hours 2 would have stopped 1 visitor." in page
    assert page.count('value="2"') >= 1
    with app.app_context():
        assert ROLLS.get() == 10
    assert page.count("Try it first") == 9
    assert ada.post(f"/admin/settings/{ROLLS.name}/rehearsals", data={"value": "x"}).status_code == 422
    assert ada.get("/admin/settings?rehearsed=MAX_FUN&value=1").status_code == 404
