"""A browser is told from the gesture that wanted it until it is let in no more; what it sends is looked at."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from sqlalchemy import select, update

from chatpop.core import clock
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity import devices, sessions
from chatpop.identity.models import User
from chatpop.identity.tokens import Audience
from chatpop.lifecycle import abandoning, shutting_out
from chatpop.push import subscriptions
from chatpop.push.models import PushSubscription
from tests.accounts.acts import PASSWORD, log_in, make_member, register
from tests.conftest import both_databases
from tests.support.people import Answer, Person
from tests.support.push_service import PushService, Subscriber, decode, encode
from tests.support.rows import row_counts

PATH = "/push/subscriptions"


def subscribe(someone: Person, browser: Subscriber, **changed: Any) -> Answer:
    return someone.post(PATH, json=browser.json(**changed))


def let_in_elsewhere(app: Flask, user_id: int, service: PushService) -> None:
    """Another device of the same guest, told as well."""
    browser = Subscriber(service.origin, "elsewhere")
    with app.app_context():
        with transaction() as session:
            device, _ = devices.add(session, session.get_one(User, user_id), "Elsewhere")
            access = sessions.start(session, session.get_one(User, user_id), Audience.PAGES, device.id).access
        draft = subscriptions.Draft(browser.endpoint, browser.point, browser.auth)
        subscriptions.subscribe(db.session.get_one(User, user_id), access.session_id, draft, "Elsewhere")


def count(app: Flask) -> int:
    return row_counts(app)["push_subscriptions"]


def owners(app: Flask) -> list[str]:
    """Whose the subscriptions are, by their accounts' names."""
    with app.app_context():
        rows = db.session.scalars(select(PushSubscription).order_by(PushSubscription.id)).all()
        return [str(row.user_id) for row in rows]


def id_of(app: Flask, someone: Person) -> int:
    with app.app_context():
        return int(db.session.execute(select(User.id).where(User.username == someone.name)).scalar_one())


@both_databases
def test_guests_and_members_are_told_alike_and_twice_is_once(
    app: Flask, service: PushService, hana: Person, person: Callable[[], Person]
) -> None:
    hana.open_room()
    mia = make_member(person())
    for someone, name in ((hana, "hana"), (mia, "mia")):
        browser = Subscriber(service.origin, name)
        assert subscribe(someone, browser).status_code == 201
        assert subscribe(someone, browser).status_code == 201
    assert count(app) == 2
    assert sorted(owners(app)) == sorted([str(id_of(app, hana)), str(id_of(app, mia))])


def test_the_key_is_a_point_made_once_and_kept_private(app: Flask, hana: Person, oto: Person, tmp_path: Path) -> None:
    hana.open_room()
    key = hana.get("/push/key").json["key"]
    assert (len(decode(key)), decode(key)[0]) == (65, 4)
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decode(key))
    assert hana.get("/push/key").json["key"] == key
    assert (tmp_path / "vapid_private_key").stat().st_mode & 0o777 == 0o600
    assert oto.get("/push/key", headers={"Accept": "application/json"}).status_code == 401


def test_several_hosts_share_a_key_by_a_variable(make_app: Callable[..., Flask], tmp_path: Path) -> None:
    private = encode(b"\x07" * 32)
    one, two = (Person(make_app(VAPID_PRIVATE_KEY=private, DATA_DIR=str(tmp_path / name))) for name in ("a", "b"))
    one.open_room()
    two.open_room()
    assert one.get("/push/key").json == two.get("/push/key").json
    assert not (tmp_path / "a" / "vapid_private_key").exists()


@both_databases
def test_a_browser_that_was_another_accounts_is_this_ones_now(
    app: Flask, service: PushService, hana: Person, oto: Person
) -> None:
    hana.open_room()
    oto.open_room()
    browser = Subscriber(service.origin)
    subscribe(hana, browser)
    subscribe(oto, browser)
    assert owners(app) == [str(id_of(app, oto))]
    hana.post(f"{PATH}/end", json={"endpoint": browser.endpoint})
    assert count(app) == 1, "it is hers no more"
    assert oto.post(f"{PATH}/end", json={"endpoint": browser.endpoint}).status_code == 204
    assert count(app) == 0


@pytest.mark.parametrize(
    "changed",
    [
        {"endpoint": "http://push.example/x"},
        {"endpoint": "https://localhost/x"},
        {"endpoint": "https://127.0.0.1/x"},
        {"endpoint": "https://push.example:8443/x"},
        {"endpoint": "https://push.example/" + "x" * 1000},
        {"keys": {"p256dh": encode(b"\x04" + b"\x01" * 64), "auth": encode(b"x" * 16)}},
        {"keys": {"p256dh": encode(b"\x00"), "auth": encode(b"x" * 16)}},
        {"keys": {"p256dh": "🎲", "auth": encode(b"x" * 16)}},
    ],
    ids=str,
)
def test_what_no_browser_has_made_is_refused(app: Flask, service: PushService, hana: Person, changed: Any) -> None:
    hana.open_room()
    answer = subscribe(hana, Subscriber(service.origin), **changed)
    assert (answer.status_code, count(app)) == (422, 0)


@pytest.mark.parametrize("auth", [b"x" * 15, b"x" * 17, b""])
def test_a_secret_of_another_length_is_refused(app: Flask, service: PushService, hana: Person, auth: bytes) -> None:
    hana.open_room()
    browser = Subscriber(service.origin)
    browser.auth = auth
    assert (subscribe(hana, browser).status_code, count(app)) == (422, 0)


def test_who_is_refused(app: Flask, service: PushService, hana: Person, oto: Person) -> None:
    hana.open_room()
    browser = Subscriber(service.origin)
    assert subscribe(oto, browser).status_code == 401, "a visitor"
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert hana.post(PATH, json=browser.json(), headers=foreign).status_code == 403
    wrong = {"X-CSRF-Token": "wrong"}
    assert hana.post(PATH, json=browser.json(), headers=wrong).status_code == 400
    for body in (
        {},
        {"endpoint": browser.endpoint},
        {"endpoint": 7, "keys": {}},
        {"endpoint": "x", "keys": {"p256dh": 1}},
    ):
        assert hana.post(PATH, json=body).status_code == 400, body
    assert count(app) == 0


def test_ten_browsers_are_the_most_and_the_eleventh_says_so(
    app: Flask, service: PushService, hana: Person, oto: Person
) -> None:
    hana.open_room()
    for number in range(subscriptions.MOST):
        assert subscribe(hana, Subscriber(service.origin, str(number))).status_code == 201
    refused = subscribe(hana, Subscriber(service.origin, "eleven"))
    assert (refused.status_code, refused.json["code"]) == (409, "too_many_browsers")
    oto.open_room()
    assert subscribe(oto, Subscriber(service.origin, "oto")).status_code == 201


def test_switching_on_has_a_limit(service: PushService, hana: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriptions, "PER_HOUR", 1)
    hana.open_room()
    subscribe(hana, Subscriber(service.origin))
    refused = subscribe(hana, Subscriber(service.origin))
    assert (refused.status_code, "Retry-After" in refused.headers) == (429, True)


@both_databases
def test_the_same_browser_eight_times_at_once_is_one_row_and_ten_stay_ten(
    app: Flask, service: PushService, hana: Person
) -> None:
    hana.open_room()
    browser = Subscriber(service.origin)
    cookies = dict(hana.client._cookies or {})

    def once(browser: Subscriber) -> int:
        again = Person(app)
        again.client._cookies = dict(cookies)
        return subscribe(again, browser).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(once, [browser] * 8)) == {201}
        assert count(app) == 1
        others = [Subscriber(service.origin, str(number)) for number in range(subscriptions.MOST + 2)]
        answers = list(pool.map(once, others))
    assert (answers.count(201), answers.count(409)) == (subscriptions.MOST - 1, 3)
    assert count(app) == subscriptions.MOST


def test_it_is_listed_with_the_devices_and_ended_from_there(
    app: Flask, service: PushService, hana: Person, oto: Person
) -> None:
    hana.open_room()
    oto.open_room()
    subscribe(hana, Subscriber(service.origin))
    page = hana.get("/account/devices").text
    assert "Browsers that are told" in page
    assert service.origin not in page, "the address is nobody's business"
    assert "Browsers that are told" not in oto.get("/account/devices").text
    with app.app_context():
        row_id = db.session.execute(select(PushSubscription.id)).scalar_one()
    assert oto.post(f"{PATH}/{row_id}/end").status_code == 303
    assert count(app) == 1, "another's"
    assert hana.post(f"{PATH}/{row_id}/end").status_code == 303
    assert count(app) == 0


@both_databases
def test_logging_out_ends_it_in_this_browser_alone(
    app: Flask, service: PushService, hana: Person, person: Callable[[], Person]
) -> None:
    mia, elsewhere = make_member(person()), person()
    log_in(elsewhere)
    subscribe(mia, Subscriber(service.origin, "here"))
    subscribe(elsewhere, Subscriber(service.origin, "there"))
    hana.open_room()
    subscribe(hana, Subscriber(service.origin, "hana"))
    mia.post("/logout")
    assert count(app) == 2
    hana.post("/logout")
    assert count(app) == 1
    elsewhere.post("/logout/everywhere")
    assert count(app) == 0


def test_forgetting_a_device_ends_it(app: Flask, service: PushService, hana: Person) -> None:
    hana.open_room()
    subscribe(hana, Subscriber(service.origin))
    hana.post("/account/devices/forgetting")
    assert count(app) == 0


@both_databases
def test_an_upgrade_keeps_it_for_the_browser_that_upgraded(
    app: Flask, service: PushService, hana: Person, gus: Person
) -> None:
    hana.open_room()
    subscribe(hana, Subscriber(service.origin, "here"))
    hana_id = id_of(app, hana)
    let_in_elsewhere(app, hana_id, service)
    assert count(app) == 2
    assert register(hana, str(hana.name)).status_code == 303
    assert owners(app) == [str(hana_id)]
    assert "Browsers that are told" in hana.get("/account/devices").text, "and it is alive"
    hana.post("/logout")
    assert count(app) == 0


@both_databases
def test_an_account_that_ends_is_told_no_more(
    app: Flask, service: PushService, hana: Person, gus: Person, oto: Person, person: Callable[[], Person]
) -> None:
    people = [hana, gus, oto, make_member(person())]
    for number, someone in enumerate(people):
        if number < 3:
            someone.open_room()
        assert subscribe(someone, Subscriber(service.origin, str(number))).status_code == 201
    ids = [id_of(app, someone) for someone in people]
    with app.app_context():
        shutting_out.disable(ids[0], by=None)
        assert count(app) == 3
        shutting_out.forget(ids[1], by=None)
        assert count(app) == 2
    with app.app_context():
        with transaction() as session:
            session.execute(update(User).where(User.id == ids[2]).values(last_seen_at=clock.now() - timedelta(days=91)))
        assert abandoning.abandon(ids[2])
    assert count(app) == 1
    people[3].post("/account/deletion", data={"messages": "remove", "password": PASSWORD})
    assert count(app) == 0


@both_databases
def test_merging_moves_it_and_undoing_brings_it_to_an_end(
    app: Flask, service: PushService, hana: Person, oto: Person
) -> None:
    hana.open_room()
    guest, guest_id = str(hana.name), id_of(app, hana)
    subscribe(hana, Subscriber(service.origin))
    register(oto)
    log_in(hana)
    assert owners(app) == [str(guest_id)]
    assert hana.post("/account/merges", data={"guest": guest}).status_code == 303
    assert owners(app) == [str(id_of(app, hana))], "the member's now"
    assert "Browsers that are told" in hana.get("/account/devices").text
    assert hana.post("/account/merges/1/reversal").status_code == 303
    assert count(app) == 0, "the browser is the member's, and has not asked for the guest"


def test_the_hourly_job_ends_what_nobody_has_ended(app: Flask, service: PushService, hana: Person) -> None:
    hana.open_room()
    subscribe(hana, Subscriber(service.origin))
    with app.app_context():
        assert subscriptions.drop_all_dead() == 0
        with transaction() as session:
            devices.revoke_all(session, id_of(app, hana))
        assert (subscriptions.drop_all_dead(), subscriptions.drop_all_dead()) == (1, 0)
    assert count(app) == 0
