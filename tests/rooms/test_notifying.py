"""Who is told of a message while they look elsewhere, and who is not, from the post to the browser."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import select

from chatpop.core import queue
from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.push import delivering
from chatpop.rooms import jobs, notifying
from chatpop.rooms.live import live
from chatpop.rooms.models import Message
from tests.conftest import both_databases
from tests.lifecycle.working import work
from tests.push.test_subscribing import subscribe
from tests.rooms.test_ignores import ignore, tag_of
from tests.support.people import Answer, Person
from tests.support.push_service import PushService, Subscriber, running_push_service


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PushService]:
    with running_push_service(tmp_path) as running:
        monkeypatch.setenv("SSL_CERT_FILE", str(running.certificate))
        yield running


@pytest.fixture
def app(make_app: Callable[..., Flask], service: PushService) -> Flask:
    return make_app(PUSH_ENDPOINT_HOSTS=service.host)


@pytest.fixture
def code(hana: Person, gus: Person) -> str:
    """hana hosts "Tea" and has said something; gus is there."""
    code = hana.open_room("Tea")
    gus.join(code)
    hana.say(code, "who has milk?")
    return code


@pytest.fixture
def browser(service: PushService, hana: Person, code: str) -> Subscriber:
    """hana's, which is told."""
    made = Subscriber(service.origin, "hana")
    assert subscribe(hana, made).status_code == 201
    return made


def reply(someone: Person, code: str, body: str, to: int = 1, **more: Any) -> Answer:
    return someone.post(f"/rooms/{code}/messages", json={"body": body, "reply_to": to, **more})


def last_message(app: Flask) -> int:
    with app.app_context():
        return db.session.scalars(select(Message.id).order_by(Message.id.desc())).first() or 0


def read(browser: Subscriber, service: PushService) -> list[dict[str, str]]:
    return [json.loads(browser.read(delivery)) for delivery in service.deliveries]


@both_databases
def test_the_author_of_what_is_answered_is_told(
    app: Flask, service: PushService, gus: Person, code: str, browser: Subscriber
) -> None:
    reply(gus, code, "I  have\nsome, " + "and more " * 30)
    work(app)
    (told,) = read(browser, service)
    assert told["title"] == "Tea"
    assert told["body"].startswith(f"{gus.name}: I have some, and more")
    assert len(told["body"]) <= len(str(gus.name)) + 2 + notifying.TEXT_LIMIT
    assert told["body"].endswith("…")
    assert told["url"] == f"/rooms/{code}#message-2"
    work(app)
    with app.app_context():
        jobs.tell_of_message(last_message(app))
    work(app)
    assert len(service.deliveries) == 1, "also when the job is done twice"


@both_databases
def test_who_is_called_by_name_is_told_once_also_by_an_answer_to_them(
    app: Flask, service: PushService, hana: Person, gus: Person, oto: Person, code: str, browser: Subscriber
) -> None:
    oto.join(code)
    subscribe(oto, Subscriber(service.origin, "oto"))
    gus.say(code, f"@{hana.name} do **you** have milk?")
    reply(gus, code, f"@{hana.name} and @{oto.name}, I have some", to=1)
    work(app)
    assert sorted(delivery.path for delivery in service.deliveries) == ["/push/hana", "/push/hana", "/push/oto"]
    of_hana = [json.loads(browser.read(one))["body"] for one in service.deliveries if one.path == "/push/hana"]
    assert of_hana[0] == f"{gus.name}: @{hana.name} do you have milk?", "without its signs"


def test_calling_oneself_or_nobody_tells_nobody(
    app: Flask, service: PushService, hana: Person, code: str, browser: Subscriber
) -> None:
    hana.say(code, f"I am @{hana.name}, and @Nobody123 is not here; write to me@example.com")
    work(app)
    assert service.deliveries == []


def test_a_message_that_concerns_nobody_costs_nothing(app: Flask, gus: Person, code: str, browser: Subscriber) -> None:
    gus.say(code, "good morning all")
    connection = queue.connect(app.config["REDIS_URL"])
    assert queue.open_queue(connection).count == 0
    connection.close()


def test_nobody_is_told_of_what_they_wrote_themselves(
    app: Flask, service: PushService, hana: Person, code: str, browser: Subscriber
) -> None:
    reply(hana, code, "nobody? I'll get some")
    work(app)
    assert service.deliveries == []


def leave(app: Flask, hana: Person, gus: Person, code: str) -> None:
    assert hana.post(f"/rooms/{code}/departure").status_code == 303


def ignore_gus(app: Flask, hana: Person, gus: Person, code: str) -> None:
    gus.say(code, "hey")
    assert ignore(hana, code, tag_of(hana, code, "hey")) == 303


def log_out(app: Flask, hana: Person, gus: Person, code: str) -> None:
    assert hana.post("/logout").status_code == 303


def disable(app: Flask, hana: Person, gus: Person, code: str) -> None:
    from chatpop.lifecycle import shutting_out

    with app.app_context():
        shutting_out.disable(db.session.scalars(select(User.id).order_by(User.id)).first() or 0, by=None)


@pytest.mark.parametrize("act", [leave, ignore_gus, log_out, disable])
@both_databases
def test_who_has_gone_or_does_not_want_to_hear_is_not_told(
    app: Flask,
    service: PushService,
    hana: Person,
    gus: Person,
    code: str,
    browser: Subscriber,
    act: Callable[[Flask, Person, Person, str], None],
) -> None:
    act(app, hana, gus, code)
    assert reply(gus, code, "milk here").status_code == 201
    work(app)
    assert service.deliveries == []


@pytest.mark.parametrize("what", ["mute", "ban"])
@both_databases
def test_who_is_muted_or_banned_is_not_told(
    app: Flask, service: PushService, hana: Person, gus: Person, code: str, what: str
) -> None:
    browser = Subscriber(service.origin, "gus")
    subscribe(gus, browser)
    gus.say(code, "anybody there?")
    tag = tag_of(hana, code, "anybody there")
    assert hana.post(f"/rooms/{code}/people/{tag}/{what}", data={"length": "1h"}).status_code == 303
    reply(hana, code, "no", to=2)
    work(app)
    assert service.deliveries == []


def test_a_message_that_was_taken_back_in_time_is_not_told(
    app: Flask, service: PushService, gus: Person, code: str, browser: Subscriber
) -> None:
    reply(gus, code, "wrong room, sorry")
    gus.post(f"/rooms/{code}/messages/2/deletion")
    work(app)
    assert service.deliveries == []


def test_who_has_the_room_in_view_is_not_told_and_who_has_looked_away_is(
    app: Flask, service: PushService, hana: Person, gus: Person, code: str, browser: Subscriber
) -> None:
    stream = hana.get(f"/rooms/{code}/stream", buffered=False)
    frames = iter(stream.response)
    next(frames)
    assert live.tags(1)
    reply(gus, code, "one")
    work(app)
    assert service.deliveries == []
    assert hana.post(f"/rooms/{code}/reading", data={"seq": 1, "away": 1}).status_code == 204
    reply(gus, code, "two")
    work(app)
    assert len(service.deliveries) == 1
    stream.close()


def test_it_is_asked_again_at_the_moment_of_sending(
    app: Flask, service: PushService, hana: Person, gus: Person, code: str, browser: Subscriber
) -> None:
    reply(gus, code, "milk here")
    message_id = last_message(app)
    with app.app_context():
        (subscription_id,) = notifying.browsers_to_tell(message_id)
    hana.post(f"/rooms/{code}/departure")
    with app.app_context():
        assert jobs.push_message(message_id, subscription_id, 1) == "not wanted"
        assert not delivering.is_told(message_id, subscription_id)
    assert service.deliveries == []


def test_nothing_breaks_while_redis_is_away(make_app: Callable[..., Flask], redis: Redis) -> None:
    app = make_app()
    hana = Person(app)
    code = hana.open_room()
    hana.say(code, "x")
    app.config["REDIS_URL"] = "redis://127.0.0.1:1/0"
    assert reply(hana, code, "y").status_code == 201
