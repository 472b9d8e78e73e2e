"""Checking a typed name: one answer to strangers, the truth to its owner, and nothing written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from freezegun import freeze_time

from chatpop.core import clock
from chatpop.core.errors import ServiceAway
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.names import availability, holds, registry
from chatpop.names.key import FOLDS, canonical_key
from chatpop.names.models import Name, NameKind, NameState
from chatpop.names.rules import check_chosen
from tests.conftest import both_databases
from tests.support.people import Answer, Person
from tests.support.rows import row_counts
from tests.support.valkey import RunningValkey


def check(someone: Person, name: str) -> Answer:
    return someone.get("/api/accounts/check-username/", query_string={"username": name})


def validate(someone: Person, code: str, name: str) -> Answer:
    return someone.post(f"/api/chats/{code}/validate-username/", json={"username": name})


def put_name(app: Flask, name: str, state: NameState, kind: NameKind = NameKind.ACCOUNT, days: int = 1) -> None:
    with app.app_context(), transaction() as session:
        until = clock.now() + timedelta(days=days) if state == NameState.RESTING else None
        session.add(
            Name(
                key=canonical_key(name),
                display=name,
                user_id=None,
                kind=kind,
                state=state,
                claimed_at=clock.now(),
                rests_until=until,
            )
        )


@both_databases
def test_a_free_name_is_available(gus: Person) -> None:
    answer = check(gus, "LazyTurnip")
    assert answer.status_code == 200
    assert answer.json == {"available": True, "message": "Username is available"}
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


@both_databases
def test_in_use_held_resting_retired_and_looks_like_are_one_answer_to_strangers(
    app: Flask, hana: Person, gus: Person, oto: Person
) -> None:
    hana.open_room()
    put_name(app, "RestingTurnip", NameState.RESTING)
    put_name(app, "RetiredTurnip", NameState.RETIRED)
    held, used = gus.roll(), hana.name
    assert used
    names = [
        used,
        used.upper(),
        used.lower(),
        held,
        held.swapcase(),
        "RestingTurnip",
        "RetiredTurnip",
        "rest1ng-turnip",
    ]
    answers = [check(oto, name) for name in names]
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.data for answer in answers} == {answers[0].data}
    assert answers[0].json == {"available": False, "message": "Username is already taken"}
    headers = [sorted(name for name, _ in answer.headers) for answer in answers]
    assert all(found == headers[0] for found in headers)


def test_a_rested_name_is_available_again(app: Flask, gus: Person) -> None:
    put_name(app, "RestingTurnip", NameState.RESTING)
    assert check(gus, "RestingTurnip").json["available"] is False
    with freeze_time(clock.now() + timedelta(days=1, minutes=1), tick=True):
        assert check(gus, "RestingTurnip").json["available"] is True


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "required"),
        ("   ", "required"),
        ("ab", "at least 3"),
        ("x" * 65, "at most 64"),
        ("happy panda", "Use only the letters"),
        ("12345", "at least one letter"),
        ("panda@example.org", "Use only the letters"),
        ("p\u0430nda", "Use only the letters"),
        ("panda\n", "Use only the letters"),
        ("panda\x00", "Use only the letters"),
        ("Adm1n", "kept for the site"),
        ("API", "kept for the site"),
        ("HappyFuck12", "rude"),
    ],
)
def test_a_name_nobody_can_have_is_400_with_its_reason(hana: Person, gus: Person, name: str, said: str) -> None:
    answer = check(gus, name)
    assert answer.status_code == 400
    assert answer.json["available"] is False
    assert said in answer.json["message"]
    assert set(answer.json) == {"available", "message"}
    if name.strip() and "\x00" not in name:
        in_room = validate(gus, hana.open_room(), name)
        assert in_room.status_code == 400
        assert in_room.json == {"available": False, "username": name, "error": answer.json["message"]}


def test_names_of_64_characters_are_fine(gus: Person) -> None:
    assert check(gus, "Turnip" + "a" * 58).status_code == 200


@both_databases
def test_ones_own_names_are_available_in_a_room(hana: Person, gus: Person, oto: Person) -> None:
    code = hana.open_room()
    held = gus.roll(code)
    fields = {"available": True, "username": held, "in_use_in_chat": False, "reserved_by_other": False}
    message = {"message": "Username is available"}
    assert validate(gus, code, held).json == {**fields, "has_reserved_badge": False, **message}
    assert validate(gus, code, held.lower()).json["available"] is True
    gus.join(code, held)
    assert validate(gus, code, held).json == {**fields, "has_reserved_badge": True, **message}
    assert validate(oto, code, held).json == {
        "available": False,
        "username": held,
        "in_use_in_chat": True,
        "reserved_by_other": True,
        "has_reserved_badge": False,
        "message": "Username is already taken",
    }


def test_a_room_tells_a_hold_of_somebody_else_as_reserved(hana: Person, gus: Person, oto: Person) -> None:
    code = hana.open_room()
    held = gus.roll(code)
    answer = validate(oto, code, held)
    assert (answer.json["available"], answer.json["reserved_by_other"]) == (False, True)
    assert answer.json["in_use_in_chat"] is False


def test_a_random_name_of_another_room_is_neither_in_use_here_nor_reserved(
    hana: Person, gus: Person, oto: Person
) -> None:
    here, there = hana.open_room(), hana.open_room("Coffee")
    gus.join(here)
    extra = gus.roll(there)
    gus.join(there, extra)
    answer = validate(oto, here, extra)
    assert (answer.json["available"], answer.json["in_use_in_chat"], answer.json["reserved_by_other"]) == (
        False,
        False,
        False,
    )
    own = validate(gus, here, extra)
    assert (own.json["available"], own.json["has_reserved_badge"]) == (True, False)


@pytest.mark.parametrize("body", ["[]", "nonsense", "{}", '{"username": 5}', '{"username": null}'])
def test_a_body_without_a_text_is_400_with_a_json_error(hana: Person, gus: Person, body: str) -> None:
    code = hana.open_room()
    answer = gus.post(f"/api/chats/{code}/validate-username/", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json["error"]


def test_a_room_that_is_private_to_others_is_404(hana: Person, oto: Person) -> None:
    code = hana.open_room(visibility="private")
    assert validate(oto, code, "LazyTurnip").status_code == 404


@both_databases
def test_checking_writes_no_row_and_gives_no_cookie(app: Flask, hana: Person, gus: Person) -> None:
    code = hana.open_room()
    before = row_counts(app)
    for name in ("LazyTurnip", hana.name or "", "admin"):
        assert "Set-Cookie" not in check(gus, name).headers
        assert "Set-Cookie" not in validate(gus, code, name).headers
    assert row_counts(app) == before


def test_200_checks_of_free_names_make_none_unavailable_to_others(gus: Person, oto: Person) -> None:
    names = [f"LazyTurnip{'abcdefghjkmnpqrstwxy'[n % 20]}{'abcdefghjk'[n // 20]}q" for n in range(200)]
    assert len({canonical_key(name) for name in names}) == 200
    for name in names:
        assert check(gus, name).json["available"] is True
    oto.address = "192.0.2.9"
    assert all(check(oto, name).json["available"] is True for name in names)


def test_a_name_polled_a_thousand_times_is_still_anybodys(make_app: Callable[..., Flask]) -> None:
    app = make_app(MAX_CHECKS_PER_NETWORK="2000")
    gus = Person(app)
    assert all(check(gus, "LazyTurnip").json["available"] for _ in range(1_000))
    with app.app_context():
        assert holds.holder("LazyTurnip") is None
        check_chosen("LazyTurnip")
        with transaction() as session:
            user_id = new_user(app)
            registry.claim(session, "LazyTurnip", user_id=user_id, kind=NameKind.ACCOUNT, rollers=[])
    assert check(gus, "LazyTurnip").json["available"] is False


@both_databases
def test_24_parallel_checks_at_limit_10_give_ten_answers(make_app: Callable[..., Flask]) -> None:
    app = make_app(MAX_CHECKS_PER_NETWORK="10")
    with ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(lambda number: check(Person(app), f"LazyTurnip{'abcdefgh'[number % 8]}"), range(24)))
    assert Counter(answer.status_code for answer in answers) == {200: 10, 429: 14}
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert {"error", "retry_after"} <= set(refused.json)
    assert refused.headers["Retry-After"] == str(refused.json["retry_after"])
    assert refused.headers["RateLimit-Limit"] == "10"
    assert refused.headers["RateLimit-Remaining"] == "0"
    assert 3500 < refused.json["retry_after"] <= 3600


def test_checks_of_rooms_and_accounts_count_together_and_are_fresh_after_the_hour(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app(MAX_CHECKS_PER_NETWORK="3")
    hana, gus = Person(app, "192.0.2.1"), Person(app)
    code = hana.open_room()
    statuses = [check(gus, "LazyTurnip").status_code, validate(gus, code, "LazyTurnip").status_code]
    statuses += [check(gus, "x").status_code, check(gus, "LazyTurnip").status_code]
    assert statuses == [200, 200, 400, 429]
    forged = gus.get(
        "/api/accounts/check-username/", query_string={"username": "abc"}, headers={"X-Forwarded-For": "192.0.2.77"}
    )
    assert forged.status_code == 429
    with freeze_time(clock.now() + timedelta(minutes=61), tick=True):
        answer = check(gus, "LazyTurnip")
        assert (answer.status_code, answer.headers["RateLimit-Remaining"]) == (200, "2")


def test_while_redis_is_away_nothing_is_called_available(valkey: RunningValkey, hana: Person, gus: Person) -> None:
    code = hana.open_room()
    valkey.stop()
    try:
        for answer in (check(gus, "LazyTurnip"), validate(gus, code, "LazyTurnip")):
            assert answer.status_code == 503
            assert answer.json["error"]
            assert answer.headers["Retry-After"]
        with gus.app.app_context(), pytest.raises(ServiceAway):
            availability.check("LazyTurnip", user_id=None, rollers=[])
    finally:
        valkey.start()


@pytest.mark.parametrize(
    ("taken", "typed"),
    [
        ("LazyTurnip", "lazyturnip"),
        ("LazyTurnip", "lazy_turnip"),
        ("LazyTurnip", "L-a-z-y-Turnip"),
        ("LazyTurnip", "1azyTurnip"),
        ("LazyTurnip", "IazyTumip"),
        ("Mellow", "Me1Iow"),
        ("Modern", "M0dem"),
        ("Wallow", "vvallow"),
        ("Zebra", "2ebra"),
        ("Beetle", "8eetle"),
        ("Salmon", "5almon"),
    ],
)
def test_a_look_alike_of_a_taken_name_is_taken(app: Flask, gus: Person, taken: str, typed: str) -> None:
    put_name(app, taken, NameState.RETIRED)
    assert check(gus, typed).json["available"] is False


def test_every_fold_makes_a_look_alike_taken(app: Flask, gus: Person) -> None:
    pairs = [(f"Turq{source}ip", f"Turq{target}ip") for source, target in FOLDS]
    for typed, taken in pairs:
        with app.app_context(), transaction() as session:
            session.query(Name).delete()
        put_name(app, taken, NameState.RETIRED)
        assert check(gus, typed).json["available"] is False, (typed, taken)


def test_alternatives_are_free_allowed_like_the_typed_one_and_held_for_nobody(app: Flask) -> None:
    put_name(app, "LazyTurnip", NameState.RETIRED)
    with app.app_context():
        found = availability.alternatives("LazyTurnip")
        assert len({canonical_key(name) for name in found}) == 3
        for name in found:
            assert "lazyturnip" in name.lower()
            assert availability.check(name, user_id=None, rollers=[]).available
            assert holds.holder(name) is None


@pytest.mark.parametrize("typed", ["", "x", "admin", "HappyFuck12", "p\u0430nd\u0430", "x" * 64, "12345", "<b>"])
def test_alternatives_to_what_nobody_can_have_are_allowed_names(app: Flask, typed: str) -> None:
    with app.app_context():
        found = availability.alternatives(typed)
        assert len(found) == 3
        for name in found:
            check_chosen(name)
            assert availability.check(name, user_id=None, rollers=[]).available


def test_the_operator_sees_which(app: Flask, hana: Person, gus: Person) -> None:
    hana.open_room()
    held, used = gus.roll(), hana.name
    assert used
    put_name(app, "RestingTurnip", NameState.RESTING)
    put_name(app, "RetiredTurnip", NameState.RETIRED)
    with app.app_context():
        codes = {name: availability.explain(name).code for name in (used, held, "RestingTurnip", "RetiredTurnip")}
        assert list(codes.values()) == ["in_use", "held", "resting", "retired"]
        assert availability.explain("rest1ngturnip").looks_like == "RestingTurnip"
        assert availability.explain("LazyTurnip").code == "free"
        assert availability.explain("adm1n").code == "system_name"
        assert availability.explain("x").code == "too_short"
        assert availability.explain(used).owner_id is not None


def new_user(app: Flask) -> int:
    """A member's bare row, as far as names need one."""
    from chatpop.identity.models import User

    now = clock.now()
    user = User(username=f"someone{now.timestamp()}", created_at=now, last_seen_at=now)
    db.session.add(user)
    db.session.flush()
    return user.id
