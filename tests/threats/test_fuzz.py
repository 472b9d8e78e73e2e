"""Whatever is sent to any route, nothing is ever our fault: no 5xx but a 503 that says when to come back.

``CHATPOP_FUZZ_MINUTES`` (2 by default) are shared by the three sites. Found faults are gathered by endpoint,
so that one run tells all of them.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask, got_request_exception
from hypothesis import HealthCheck, Phase, given, seed, settings
from redis import Redis
from werkzeug.test import TestResponse

from chatpop.extensions import db
from chatpop.names import packs
from chatpop.settings import store
from tests.conftest import both_databases
from tests.support.valkey import RunningValkey
from tests.threats.cast import NO_END, Cast, make_cast
from tests.threats.hostile import Route, Sent, requests

MINUTES = float(os.environ.get("CHATPOP_FUZZ_MINUTES", "2"))
SITES = 3
EACH = 5
"""Requests to each route by one cast: by then somebody has logged out, left, or deleted the account."""
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(int(MINUTES * 60) + 300),
    # Long texts are meant, and other threads of the site throw dice while a request is being drawn.
    pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning"),
]


@dataclass
class Found:
    """What went wrong, by endpoint and reason; the shortest request of each."""

    faults: dict[str, str] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    endpoints: set[str] = field(default_factory=set)

    def note(self, what: str, sent: Sent) -> None:
        if what not in self.faults or len(repr(sent)) < len(self.faults[what]):
            self.faults[what] = repr(sent)


@pytest.fixture
def site(make_app: Callable[..., Flask]) -> Flask:
    """As it is for who can do all of it again and again; the peer is a proxy, so forwarded addresses count."""
    app = make_app(TRUSTED_PROXIES="1", UNREGISTERED_MAX_UPLOADS="-1", **dict.fromkeys(NO_END, "1000000"))
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


@both_databases
def test_no_request_is_a_fault_of_ours(site: Flask, redis: Redis) -> None:
    report(fuzz(site, redis))


def test_no_request_is_a_fault_of_ours_while_redis_is_away(site: Flask, redis: Redis, valkey: RunningValkey) -> None:
    report(fuzz(site, redis, valkey.stop, valkey.start))


def fuzz(
    app: Flask, redis: Redis, before: Callable[[], None] = lambda: None, after: Callable[[], None] = lambda: None
) -> Found:
    """Send for this site's share of the time; ``before`` and ``after`` stand around each round."""
    end, found, number = time.monotonic() + MINUTES * 60 / SITES, Found(), 0
    routes = [
        Route(rule.rule, rule.endpoint, tuple(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})))
        for rule in app.url_map.iter_rules()
    ]
    while time.monotonic() < end:
        number += 1
        empty(app, redis)
        cast = make_cast(app)
        before()
        try:
            one_round(app, cast, routes, number, end, found)
        finally:
            after()
    return found


def one_round(app: Flask, cast: Cast, routes: list[Route], number: int, end: float, found: Found) -> None:
    """Some requests to every route, in an order of this round's own."""
    raised: list[BaseException] = []

    def note(sender: Flask, exception: BaseException, **extra: Any) -> None:
        raised.append(exception)

    got_request_exception.connect(note, app)
    try:
        for place, route in enumerate(random.Random(number).sample(routes, len(routes))):
            if time.monotonic() < end:
                some_requests(cast, route, number * 1_000 + place, raised, found)
    finally:
        got_request_exception.disconnect(note, app)


def some_requests(cast: Cast, route: Route, number: int, raised: list[BaseException], found: Found) -> None:
    @seed(number)
    @settings(
        max_examples=EACH,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(requests(route, cast.real))
    def send(sent: Sent) -> None:
        raised.clear()
        client, own = cast.clients[sent.who]
        try:
            answer = client.open(sent.path, method=sent.method, headers={**own, **sent.headers}, **sent.options())
        except UnicodeError:
            return  # the test's own client can't write it
        answer.close()  # streams are left at once
        judge(answer, sent, raised, found)

    send()


def judge(answer: TestResponse, sent: Sent, raised: list[BaseException], found: Found) -> None:
    status = answer.status_code
    found.statuses[status] += 1
    found.endpoints.add(sent.route.endpoint)
    if status >= 500 and status != 503:
        reason = f"{type(raised[0]).__name__}: {raised[0]}" if raised else "no exception"
        found.note(f"{status} at {sent.method} {sent.route.rule}: {reason[:160]}", sent)
    elif status == 503 and "Retry-After" not in answer.headers:
        found.note(f"503 without Retry-After at {sent.route.rule}", sent)


def empty(app: Flask, redis: Redis) -> None:
    """The site as on its first day: settings, bans and limits of the round before are gone."""
    with app.app_context(), db.engine.begin() as connection:
        for table in reversed(db.metadata.sorted_tables):
            connection.execute(table.delete())
    redis.flushall()
    store.forget()
    packs.forget()


def report(found: Found) -> None:
    print(f"\n{found.statuses.total()} requests to {len(found.endpoints)} endpoints")
    print(dict(sorted(found.statuses.items())))
    for what, sent in found.faults.items():
        print(f"{what}\n    {sent[:600]}")
    assert not found.faults, "\n".join(found.faults)
    assert found.statuses[200] > 0
