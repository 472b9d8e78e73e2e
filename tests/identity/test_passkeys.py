"""Passkeys: a guest comes back by one, becomes a member by one, and no forged answer does either."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from freezegun import freeze_time
from sqlalchemy import select, update

from chatpop.core import clock
from chatpop.extensions import db
from chatpop.identity.models import Passkey, PasskeyChallenge, User
from tests.conftest import both_databases
from tests.support.authenticator import Authenticator
from tests.support.people import Answer, Person
from tests.support.rows import row_counts


def offer(someone: Person, **body: object) -> dict[str, Any]:
    answer = someone.post("/passkeys/offers", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def question(someone: Person) -> dict[str, Any]:
    return dict(someone.post("/passkeys/questions", json={}).json)


def add(someone: Person, authenticator: Authenticator) -> Answer:
    return someone.post("/passkeys", json={"credential": authenticator.make(offer(someone))})


def sign_in(someone: Person, authenticator: Authenticator) -> Answer:
    return someone.post("/passkeys/sign-ins", json={"credential": authenticator.sign(question(someone))})


@pytest.fixture
def key(hana: Person) -> Authenticator:
    """Hana is a guest with a passkey."""
    hana.open_room()
    authenticator = Authenticator()
    assert add(hana, authenticator).status_code == 201
    return authenticator


@both_databases
def test_a_passkey_brings_the_same_guest_to_another_browser(app: Flask, hana: Person, gus: Person) -> None:
    hana.open_room()
    authenticator = Authenticator()
    answer = add(hana, authenticator)
    assert answer.status_code == 201
    assert answer.json == {"label": "Firefox on Linux", "location": "/returning"}
    assert "Firefox on Linux" in hana.get("/returning").text
    assert sign_in(gus, authenticator).status_code == 200
    assert gus.name == hana.name
    assert gus.cookie("device") not in (None, hana.cookie("device"))
    assert sign_in(Person(app), authenticator).status_code == 200, "again and again"
    assert row_counts(app)["users"] == 1


def test_the_options_are_as_they_should_be(app: Flask, hana: Person, gus: Person) -> None:
    hana.open_room()
    add(hana, Authenticator())
    made, asked = offer(hana), question(gus)
    assert made["rp"] == {"id": "localhost", "name": "chatpop"}
    assert made["authenticatorSelection"]["residentKey"] == "required"
    assert made["authenticatorSelection"]["userVerification"] == "preferred"
    assert made["user"]["name"] == hana.name
    assert len(made["excludeCredentials"]) == 1
    assert made["user"]["id"] != "1", "the handle tells no account number"
    assert len(made["user"]["id"]) == 43
    assert asked["rpId"] == "localhost"
    assert asked["allowCredentials"] == [], "whoever signs in types no name"
    assert asked["challenge"] != made["challenge"]


def test_the_relying_party_is_the_public_address(make_app: Callable[..., Flask]) -> None:
    app = make_app(PUBLIC_URL="https://chat.example.org", TRUSTED_HOSTS="chat.example.org,localhost")
    hana = Person(app)
    hana.open_room()
    assert offer(hana)["rp"]["id"] == "chat.example.org"
    assert add(hana, Authenticator("http://localhost")).status_code == 422
    assert add(hana, Authenticator("https://chat.example.org")).status_code == 201


def test_a_challenge_is_good_for_one_answer(app: Flask, key: Authenticator, gus: Person) -> None:
    answer = {"credential": key.sign(question(gus))}
    assert gus.post("/passkeys/sign-ins", json=answer).status_code == 200
    assert Person(app).post("/passkeys/sign-ins", json=answer).status_code == 422
    assert row_counts(app)["passkey_challenges"] == 0


def test_a_wrong_answer_uses_the_challenge_up(app: Flask, key: Authenticator, gus: Person) -> None:
    options = question(gus)
    good = key.sign(options)
    bad = copy.deepcopy(good)
    bad["response"]["signature"] = good["response"]["signature"][::-1]
    assert gus.post("/passkeys/sign-ins", json={"credential": bad}).status_code == 422
    assert gus.post("/passkeys/sign-ins", json={"credential": good}).status_code == 422


@pytest.mark.parametrize(("seconds", "status"), [(299, 200), (301, 422)])
def test_a_challenge_lasts_five_minutes(key: Authenticator, gus: Person, seconds: int, status: int) -> None:
    answer = {"credential": key.sign(question(gus))}
    with freeze_time(clock.now() + timedelta(seconds=seconds)):
        assert gus.post("/passkeys/sign-ins", json=answer).status_code == status


def test_a_challenge_of_one_account_is_worth_nothing_for_another(app: Flask, hana: Person, gus: Person) -> None:
    hana.open_room()
    gus.open_room()
    made = Authenticator().make(offer(hana))
    assert gus.post("/passkeys", json={"credential": made}).status_code == 422
    asked = Authenticator()
    stolen = offer(hana) | {"challenge": question(gus)["challenge"]}
    assert hana.post("/passkeys", json={"credential": asked.make(stolen)}).status_code == 422
    assert row_counts(app)["passkeys"] == 0


def test_a_counter_that_goes_back_betrays_a_copy(app: Flask, key: Authenticator) -> None:
    key.counter = 10
    assert sign_in(Person(app), key).status_code == 200
    key.counter = 5
    assert sign_in(Person(app), key).status_code == 422
    key.counter = 20
    assert sign_in(Person(app), key).status_code == 200
    with app.app_context():
        assert db.session.scalar(select(Passkey.sign_count)) == 21


def _other_origin(key: Authenticator) -> None:
    key.origin = "http://localhost.evil.example"


def _other_key(key: Authenticator) -> None:
    key.key = Authenticator().key


def _other_id(key: Authenticator) -> None:
    key.id = Authenticator().id


def _other_handle(key: Authenticator) -> None:
    key.user_handle = b"x" * 32


def _no_handle(key: Authenticator) -> None:
    key.user_handle = b""


@pytest.mark.parametrize("forge", [_other_origin, _other_key, _other_id, _other_handle, _no_handle])
def test_a_forged_answer_is_refused(key: Authenticator, gus: Person, forge: Callable[[Authenticator], None]) -> None:
    forge(key)
    answer = sign_in(gus, key)
    assert answer.status_code == 422
    assert answer.json["code"] == "passkey_refused"
    assert gus.name is None


def test_a_passkey_of_another_site_is_refused(key: Authenticator, gus: Person) -> None:
    options = question(gus) | {"rpId": "evil.example"}
    assert gus.post("/passkeys/sign-ins", json={"credential": key.sign(options)}).status_code == 422


def _answer(**response: object) -> dict[str, object]:
    return {"credential": {"id": "YQ", "rawId": "YQ", "type": "public-key", "response": response}}


RUBBISH: list[object] = [
    {},
    {"credential": None},
    {"credential": []},
    {"credential": {}},
    {"credential": {"id": 1}},
    _answer(),
    _answer(clientDataJSON="!!", authenticatorData="", signature=""),
    _answer(clientDataJSON="e30", attestationObject="AA"),
    _answer(clientDataJSON="W10", attestationObject="AA"),
    _answer(clientDataJSON="W10", authenticatorData="AA", signature="AA", userHandle=5),
    _answer(clientDataJSON=5, authenticatorData=5, signature=5),
]


@pytest.mark.parametrize("path", ["/passkeys", "/passkeys/upgrades", "/passkeys/sign-ins"])
@pytest.mark.parametrize("sent", RUBBISH, ids=str)
def test_rubbish_is_refused_not_a_fault(hana: Person, path: str, sent: object) -> None:
    hana.open_room()
    assert hana.post(path, json=sent).status_code in (400, 422)


@pytest.mark.parametrize(("state", "status"), [("is_abandoned", 422), ("is_disabled", 403)])
def test_dead_accounts_come_back_by_no_passkey(
    app: Flask, key: Authenticator, gus: Person, state: str, status: int
) -> None:
    with app.app_context():
        db.session.execute(update(User).values({state: True}))
        db.session.commit()
    assert sign_in(gus, key).status_code == status
    assert gus.name is None


def test_a_removed_passkey_brings_nobody_back_and_only_its_owner_removes_it(
    app: Flask, key: Authenticator, hana: Person, gus: Person
) -> None:
    gus.open_room()
    with app.app_context():
        number = db.session.scalar(select(Passkey.id))
    assert gus.post(f"/passkeys/{number}/deletion").status_code == 404
    assert hana.post(f"/passkeys/{number}/deletion").status_code == 303
    assert sign_in(Person(app), key).status_code == 422


@both_databases
def test_a_passkey_alone_makes_a_member_and_everything_of_the_guest_is_gone(
    app: Flask, hana: Person, gus: Person
) -> None:
    """SECURITY rows 12 and 25: no cookie of the guest opens the member's account."""
    code = hana.open_room()
    hana.say(code, "before")
    hana.post("/resume-codes")
    name = hana.name
    old = {kind: hana.cookie(kind) for kind in ("access", "refresh", "device")}
    first, second = Authenticator(), Authenticator()
    add(hana, first)
    answer = hana.post("/passkeys/upgrades", json={"credential": second.make(offer(hana, upgrade=True))})
    assert answer.status_code == 200, answer.text
    assert answer.json == {"location": "/"}
    assert "Your account is upgraded." in hana.get("/").text
    assert hana.name == name
    assert hana.say(code, "after").status_code == 201, "the room is still hers"
    with app.app_context():
        user = db.session.scalars(select(User)).one()
        assert (user.id, user.is_registered, user.email, user.password_hash) == (1, True, None, None)
        assert (user.fingerprint_hash, user.fingerprint_data) == (None, None)
        assert user.registered_at is not None
        assert user.epoch == 1
    counts = row_counts(app)
    assert (counts["devices"], counts["resume_codes"], counts["passkeys"]) == (0, 0, 1)
    for kind, value in old.items():
        twin = Person(app)
        assert value
        twin.client.set_cookie(f"chatpop_{kind}", value)
        assert twin.name is None, kind
    assert sign_in(gus, first).status_code == 422
    assert sign_in(gus, second).status_code == 200
    assert gus.name == name
    assert gus.cookie("device") is None, "members have no device cookie"


def test_an_upgrade_works_once_and_the_last_passkey_of_such_a_member_stays(app: Flask, hana: Person) -> None:
    hana.open_room()
    key = Authenticator()
    hana.post("/passkeys/upgrades", json={"credential": key.make(offer(hana, upgrade=True))})
    again = hana.post("/passkeys/upgrades", json={"credential": Authenticator().make(offer(hana))})
    assert again.status_code == 403
    with app.app_context():
        number = db.session.scalar(select(Passkey.id))
    assert hana.post(f"/passkeys/{number}/deletion").status_code == 409
    assert add(hana, Authenticator()).status_code == 201
    assert hana.post(f"/passkeys/{number}/deletion").status_code == 303


def test_visitors_and_cross_site_pages_make_none(hana: Person, gus: Person) -> None:
    hana.open_room()
    for path in ("/passkeys/offers", "/passkeys", "/passkeys/upgrades", "/passkeys/1/deletion"):
        assert gus.post(path, json={}).status_code == 401
    for path in ("/passkeys/offers", "/passkeys", "/passkeys/upgrades", "/passkeys/questions", "/passkeys/sign-ins"):
        assert hana.post(path, json={}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_too_many_questions_from_one_network_are_429(app: Flask, gus: Person) -> None:
    statuses = [gus.post("/passkeys/questions", json={}).status_code for _ in range(61)]
    assert statuses == [200] * 60 + [429]


def test_challenges_nobody_answered_are_swept_by_the_next(app: Flask, gus: Person) -> None:
    question(gus)
    with freeze_time(clock.now() + timedelta(minutes=6)):
        question(gus)
        with app.app_context():
            assert len(db.session.scalars(select(PasskeyChallenge)).all()) == 1
