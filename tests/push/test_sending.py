"""One message to one browser: what goes over the line, and what every answer of a push service leads to."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from py_vapid import Vapid02
from sqlalchemy import select

from chatpop.core import clock, queue
from chatpop.extensions import db
from chatpop.push import delivering, keys
from chatpop.push.delivering import Note
from chatpop.push.models import PushSubscription
from tests.push.test_subscribing import count, subscribe
from tests.support.people import Person
from tests.support.push_service import Delivery, PushService, Subscriber, decode

PAYLOAD = {"title": "Tea", "body": "HappyPanda123: to be kept from others", "tag": "room-X", "url": "/rooms/X"}


@pytest.fixture
def browser(service: PushService, hana: Person) -> Subscriber:
    """hana's, which is told."""
    hana.open_room()
    made = Subscriber(service.origin)
    assert subscribe(hana, made).status_code == 201
    return made


def the_row(app: Flask) -> PushSubscription:
    with app.app_context():
        return db.session.scalars(select(PushSubscription)).one()


def deliver(app: Flask, attempt: int = 1) -> str:
    row = the_row(app)
    with app.app_context():
        return delivering.deliver(Note(row, PAYLOAD, "room:1"), 7, attempt, app.config["CHATPOP"])


def waiting(app: Flask) -> list[tuple[list[int], timedelta]]:
    """The arguments of the jobs that wait for their moment, and how long they still do."""
    connection = queue.connect(app.config["REDIS_URL"])
    registry = queue.open_queue(connection).scheduled_job_registry
    found = []
    for job_id in registry.get_job_ids():
        job = queue.open_queue(connection).fetch_job(job_id)
        assert job
        assert job.func_name == delivering.JOB
        found.append((list(job.args), registry.get_scheduled_time(job_id) - clock.now()))
    connection.close()
    return found


def proof_of(delivery: Delivery, audience: str) -> dict[str, Any]:
    """The claims of RFC 8292's header, checked with the key that it names."""
    header = delivery.headers["Authorization"]
    assert header.startswith("vapid t=")
    token, key = header.removeprefix("vapid t=").split(",k=")
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decode(key))
    assert Vapid02.verify(header)
    claims: dict[str, Any] = jwt.decode(token, point, algorithms=["ES256"], audience=audience)
    return claims


def test_the_browser_alone_can_read_it_and_the_service_can_see_who_sent_it(
    app: Flask, service: PushService, browser: Subscriber
) -> None:
    assert deliver(app) == "TOLD"
    (delivery,) = service.deliveries
    assert json.loads(browser.read(delivery)) == PAYLOAD
    with pytest.raises(Exception, match=r".*"):
        Subscriber(service.origin, "another").read(delivery)
    assert b"HappyPanda" not in delivery.body
    headers = delivery.headers
    assert (headers["Content-Encoding"], headers["TTL"], headers["Urgency"]) == ("aes128gcm", "86400", "high")
    assert len(headers["Topic"]) <= 32
    claims = proof_of(delivery, service.origin)
    assert claims["sub"].startswith(("mailto:", "https:"))
    left = claims["exp"] - clock.timestamp()
    assert 0 < left <= 86_400
    assert headers["Authorization"].endswith(keys.public_key(app.config["CHATPOP"]))
    assert the_row(app).told_at is not None


def test_each_message_has_a_key_of_its_own_and_each_room_a_topic(
    app: Flask, service: PushService, browser: Subscriber
) -> None:
    row = the_row(app)
    with app.app_context():
        for topic in ("room:1", "room:1", "room:2"):
            delivering.deliver(Note(row, PAYLOAD, topic), 7, 1, app.config["CHATPOP"])
    one, two, three = service.deliveries
    assert one.body[:86] != two.body[:86], "salt and key"
    assert one.headers["Topic"] == two.headers["Topic"] != three.headers["Topic"]


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_has_given_it_up_is_forgotten(
    app: Flask, service: PushService, browser: Subscriber, status: int
) -> None:
    service.statuses = [status]
    assert deliver(app) == "GONE"
    assert count(app) == 0
    assert waiting(app) == []


@pytest.mark.parametrize("status", [413, 429, 500, 503])
def test_a_busy_service_is_tried_again_three_times_at_most(
    app: Flask, service: PushService, browser: Subscriber, status: int
) -> None:
    service.statuses = [status] * 4
    row_id = the_row(app).id
    for attempt in (1, 2, 3, 4):
        assert deliver(app, attempt) == "LATER"
    found = sorted(waiting(app))
    assert [arguments for arguments, _ in found] == [[7, row_id, 2], [7, row_id, 3], [7, row_id, 4]]
    pauses = [pause for _, pause in found]
    assert pauses == sorted(pauses)
    assert timedelta(seconds=20) < pauses[0] <= timedelta(seconds=31)
    assert count(app) == 1
    assert the_row(app).told_at is None


def test_a_service_may_ask_for_a_longer_pause_but_not_for_any(
    app: Flask, service: PushService, browser: Subscriber
) -> None:
    service.statuses, service.extra = [429, 429], {"Retry-After": "900"}
    deliver(app)
    service.extra = {"Retry-After": "999999"}
    deliver(app)
    first, second = sorted(pause for _, pause in waiting(app))
    assert timedelta(seconds=880) < first <= timedelta(seconds=901)
    assert second <= timedelta(hours=2, seconds=1)


@pytest.mark.parametrize("status", [400, 401, 403, 302, 307])
def test_a_refusal_is_final_and_a_redirect_leads_nowhere(
    app: Flask, service: PushService, browser: Subscriber, status: int
) -> None:
    service.statuses, service.extra = [status], {"Location": f"{service.origin}/elsewhere"}
    assert deliver(app) == "REFUSED"
    assert [delivery.path for delivery in service.deliveries] == ["/push/gus"]
    assert (count(app), waiting(app)) == (1, [])


def test_a_service_whose_certificate_is_not_its_own_gets_nothing(
    app: Flask, service: PushService, browser: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    assert deliver(app) == "LATER"
    assert service.deliveries == []


def test_the_name_is_looked_up_once_so_that_it_can_not_change_its_mind(
    app: Flask, service: PushService, browser: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = socket.getaddrinfo

    def look_up(host: str, *rest: Any, **options: Any) -> Any:
        asked.append(host)
        return real("127.0.0.1", *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert deliver(app) == "TOLD"
    assert asked.count("localhost") == 1
    assert set(asked) == {"localhost", "127.0.0.1"}


def test_a_name_that_leads_inside_is_never_connected_to(
    make_app: Callable[..., Flask], service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    hana = Person(app)
    hana.open_room()
    assert subscribe(hana, Subscriber("https://rebinding.example.org")).status_code == 201
    inside = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", service.port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: inside)
    monkeypatch.setattr(socket, "create_connection", lambda *args, **options: pytest.fail("it was connected to"))
    assert deliver(app) == "LATER"


def test_a_service_that_is_away_is_tried_again(
    app: Flask, service: PushService, browser: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any, **options: Any) -> Any:
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", refuse)
    assert deliver(app) == "LATER"
    assert len(waiting(app)) == 1


def test_neither_the_text_nor_the_address_is_logged(
    app: Flask, service: PushService, browser: Subscriber, capfd: pytest.CaptureFixture[str]
) -> None:
    service.statuses = [201, 503, 403, 410]
    for _ in range(4):
        deliver(app)
    written = "".join(capfd.readouterr())
    assert '"event": "push"' in written
    for secret in ("HappyPanda", "kept from others", browser.endpoint, "vapid t="):
        assert secret not in written


def test_nothing_is_sent_to_a_host_that_the_operator_has_struck_off(
    make_app: Callable[..., Flask], app: Flask, service: PushService, browser: Subscriber
) -> None:
    again = make_app(PUSH_ENDPOINT_HOSTS="push.example")
    assert deliver(again) == "REFUSED"
    assert service.deliveries == []


def test_what_was_told_is_remembered(app: Flask, service: PushService, browser: Subscriber) -> None:
    row = the_row(app)
    deliver(app)
    with app.app_context():
        assert delivering.is_told(7, row.id)
        assert not delivering.is_told(8, row.id)
