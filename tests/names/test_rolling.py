"""Rolling: exact limits, held names, and a tray that stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from freezegun import freeze_time
from redis import Redis

from chatpop.core import clock
from chatpop.names import holds, registry
from chatpop.names.dice import Dice
from chatpop.names.key import canonical_key
from tests.conftest import both_databases
from tests.support.people import Answer, Person

LIMIT = 10


def suggest(someone: Person, code: str) -> Answer:
    return someone.post(f"/api/chats/{code}/suggest-username/", json={})


def test_remaining_counts_down_from_nine_to_zero_and_the_eleventh_is_refused(hana: Person, gus: Person) -> None:
    code = hana.open_room()
    answers = [gus.post(f"/api/chats/{code}/suggest-username/", json={"fingerprint": "x"}) for _ in range(LIMIT)]
    assert [answer.json["remaining"] for answer in answers] == list(range(LIMIT - 1, -1, -1))
    refused = gus.post(f"/api/chats/{code}/suggest-username/", json={})
    assert refused.status_code == 429
    assert refused.json["error"] == "Maximum username generation attempts exceeded (10)"
    assert refused.json["max_attempts"] == LIMIT
    assert sorted(refused.json["previous"]) == sorted(answer.json["username"] for answer in answers)
    assert refused.headers["Retry-After"] == str(refused.json["retry_after"])
    assert 3500 < refused.json["retry_after"] <= 3600


@both_databases
def test_24_parallel_rolls_at_limit_10_give_ten_names_and_14_refusals(app: Flask, hana: Person, gus: Person) -> None:
    code = hana.open_room()
    first = gus.roll(code)  # the first roll gives the cookie by which all others are counted
    cookie = gus.client.get_cookie("chatpop_visitor")
    assert cookie

    def roll(_: int) -> tuple[int, str | None]:
        twin = Person(app)
        twin.client.set_cookie("chatpop_visitor", cookie.value)
        answer = twin.post(f"/api/chats/{code}/suggest-username/", json={})
        return answer.status_code, answer.json.get("username")

    with ThreadPoolExecutor(24) as pool:
        results = list(pool.map(roll, range(24)))
    assert Counter(status for status, _ in results) == {200: LIMIT - 1, 429: 24 - LIMIT + 1}
    names = [first, *(name for _, name in results if name)]
    assert len({canonical_key(name) for name in names}) == LIMIT
    with app.app_context():
        roller = next(roller for roller in _rollers(app) if first in holds.tray(roller))
        assert sorted(holds.tray(roller)) == sorted(names), "every name given out can be claimed"


@both_databases
def test_24_parallel_first_rolls_without_a_cookie_are_24_visitors(app: Flask, hana: Person) -> None:
    code = hana.open_room()
    with ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(lambda _: suggest(Person(app), code), range(24)))
    assert [answer.status_code for answer in answers] == [200] * 24
    assert len({canonical_key(answer.json["username"]) for answer in answers}) == 24


def test_a_refusal_by_the_network_costs_the_roller_nothing(make_app: Callable[..., Flask]) -> None:
    app = make_app(MAX_ROLLS_PER_NETWORK="3")
    hana = Person(app)
    code = hana.open_room()
    for _ in range(3):
        Person(app).roll(code)
    gus = Person(app)
    refused = gus.post(f"/api/chats/{code}/suggest-username/", json={})
    assert refused.status_code == 429
    assert refused.json["max_attempts"] == 3, "the number is that of the bucket that refused"
    assert refused.json["error"] == "Maximum username generation attempts exceeded (3)"


def test_dropping_the_cookie_does_not_reset_the_network(make_app: Callable[..., Flask]) -> None:
    app = make_app(MAX_ROLLS_PER_NETWORK="5")
    code = Person(app).open_room()
    statuses = [suggest(Person(app), code).status_code for _ in range(7)]
    assert statuses == [200] * 5 + [429] * 2


def test_a_forged_forwarded_address_does_not_move_the_bucket(make_app: Callable[..., Flask]) -> None:
    app = make_app(MAX_ROLLS_PER_NETWORK="2")
    code = Person(app).open_room()
    statuses = []
    for number in range(4):
        forged = {"X-Forwarded-For": f"203.0.113.{number}", "Forwarded": f"for=203.0.113.{number}"}
        answer = Person(app).post(f"/api/chats/{code}/suggest-username/", json={}, headers=forged)
        statuses.append(answer.status_code)
    assert statuses == [200, 200, 429, 429]


def test_addresses_of_one_ipv6_64_are_one_network(make_app: Callable[..., Flask]) -> None:
    app = make_app(MAX_ROLLS_PER_NETWORK="2")
    code = Person(app).open_room()
    same = [suggest(Person(app, f"2001:db8:1:1::{n:x}"), code).status_code for n in range(3)]
    other = suggest(Person(app, "2001:db8:1:2::1"), code).status_code
    assert (same, other) == ([200, 200, 429], 200)


def test_the_wide_ipv6_network_has_ten_times_the_bucket(make_app: Callable[..., Flask]) -> None:
    app = make_app(MAX_ROLLS_PER_NETWORK="1")
    code = Person(app).open_room()
    statuses = [suggest(Person(app, f"2001:db8:7:{n:x}::1"), code).status_code for n in range(11)]
    assert statuses == [200] * 10 + [429]


def test_a_room_has_its_own_limit(make_app: Callable[..., Flask]) -> None:
    app = make_app(MAX_ROLLS_PER_ROOM="2")
    code = Person(app).open_room()
    gus = Person(app)
    assert [suggest(gus, code).status_code for _ in range(3)] == [200, 200, 429]
    assert gus.post("/api/accounts/suggest-username/", json={}).status_code == 200


def test_after_the_hour_rolling_is_fresh_and_a_refused_roll_does_not_extend_it(hana: Person, gus: Person) -> None:
    code = hana.open_room()
    for _ in range(LIMIT):
        gus.roll(code)
    with freeze_time(clock.now() + timedelta(minutes=59), tick=True):
        assert suggest(gus, code).status_code == 429
    with freeze_time(clock.now() + timedelta(minutes=61), tick=True):
        answer = gus.post(f"/api/chats/{code}/suggest-username/", json={})
        assert (answer.status_code, answer.json["remaining"]) == (200, LIMIT - 1)


def test_names_stay_claimable_after_the_last_roll_is_used_up(hana: Person, gus: Person) -> None:
    code = hana.open_room()
    names = [gus.roll(code) for _ in range(LIMIT)]
    assert suggest(gus, code).status_code == 429
    assert gus.join(code, names[0]).status_code == 201


def test_a_hold_ends_after_its_hour(app: Flask, gus: Person, hana: Person) -> None:
    code = hana.open_room()
    name = gus.roll(code)
    with app.app_context():
        assert holds.holder(name) is not None
        with freeze_time(clock.now() + timedelta(minutes=61), tick=True):
            assert holds.holder(name) is None
    with freeze_time(clock.now() + timedelta(minutes=61), tick=True):
        assert gus.join(code, name).status_code == 400


def test_rolling_leaves_no_row(app: Flask, hana: Person, gus: Person) -> None:
    from tests.support.rows import row_counts

    code = hana.open_room()
    before = row_counts(app)
    gus.roll(code)
    assert row_counts(app) == before


def test_nobody_is_offered_a_name_that_is_held(app: Flask) -> None:
    with app.app_context():
        assert holds.hold_first_free("visitor:a", ["HappyPanda10"]) == ["HappyPanda10"]
        assert holds.hold_first_free("visitor:b", ["HappyPandaIO", "CalmOtter22"]) == ["CalmOtter22"]
        assert holds.hold_first_free("visitor:b", ["happy-panda-1o"]) == []


def test_a_full_space_gets_a_digit_more_and_a_hopeless_one_a_503(
    app: Flask, gus: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def crowded(keys: object) -> set[str]:
        wanted = list(keys)  # type: ignore[call-overload]
        asked.append(len(wanted))
        return set(wanted)

    monkeypatch.setattr(registry, "taken_keys", crowded)
    answer = gus.post("/api/accounts/suggest-username/", json={})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert asked == [1, 16, 16, 16], "one candidate, three batches, no loop"


def test_the_site_adds_a_digit_when_a_tenth_of_the_candidates_is_taken(app: Flask, redis: Redis) -> None:
    from chatpop.names import crowding

    with app.app_context():
        for number in range(400):
            crowding.count(tried=1, missed=1 if number % 3 == 0 else 0)
            if crowding.site_digits() > crowding.MIN_DIGITS:
                break
        assert crowding.site_digits() == crowding.MIN_DIGITS + 1
        assert len(Dice().candidate(4)) <= 24


def _rollers(app: Flask) -> list[str]:
    from chatpop.extensions import redis_store

    keys = redis_store.client.keys("username:generated:visitor:*")
    return [str(key).removeprefix("username:generated:") for key in keys]  # type: ignore[union-attr]
