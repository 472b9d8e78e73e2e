"""One round of hostile requests to a site that runs: a fresh site, its cast, and three ways to send."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, seed, settings

from chatpop.app import create_app
from chatpop.config import Config
from tests.fuzz.sending import HUNG_UP, Request, Someone, Tally, built, send
from tests.site.process import RunningSite, running_site
from tests.support.postgres import make_database, running_postgres
from tests.threats.cast import NO_END, make_cast
from tests.threats.hostile import Route, Sent, requests
from tests.web.test_hostile_input import BODIES, HEADERS, PARTS, QUERIES

EACH = 4
"""Drawn requests to each route in a round."""
SETTINGS = {"TRUSTED_PROXIES": "1", "UNREGISTERED_MAX_UPLOADS": "-1", **dict.fromkeys(NO_END, "1000000")}


class Round:
    """``app`` is the same site inside this process: it knows the routes, and makes the cast's cookies."""

    def __init__(self, site: RunningSite, app: Flask, number: int, tally: Tally, is_over: Callable[[], bool]) -> None:
        self.site, self.app, self.number, self.tally, self.is_over = site, app, number, tally, is_over
        self.cast = make_cast(app)
        self._people = {who: someone_of(client, headers) for who, (client, headers) in self.cast.clients.items()}
        self._chance = random.Random(number)

    def routes(self) -> list[Route]:
        found = [
            Route(rule.rule, rule.endpoint, tuple(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})))
            for rule in self.app.url_map.iter_rules()
        ]
        return self._chance.sample(found, len(found))

    def walk(self) -> None:
        """Every route, with a hostile address, query, header and body each."""
        for route in self.routes():
            if self.is_over():
                return
            for method in route.methods:
                self._hand_over(self._walked(route, method))

    def _walked(self, route: Route, method: str) -> Sent:
        path = route.rule
        for name, texts in self.cast.real.items():
            for kind in ("", "int:"):
                path = path.replace(f"<{kind}{name}>", self._chance.choice([texts[0], texts[0], *PARTS]))
        options = dict(self._chance.choice(BODIES)) if method != "GET" else {}
        headers = self._chance.choice(HEADERS)
        return Sent(self._anybody(), method, route, path + self._chance.choice(["", *QUERIES]), headers, options)

    def draw(self) -> None:
        """Every route again, with what Hypothesis draws."""
        for place, route in enumerate(self.routes()):
            if self.is_over():
                return
            self._draw_for(route, self.number * 1_000 + place)

    def _draw_for(self, route: Route, number: int) -> None:
        @seed(number)
        @settings(
            max_examples=EACH, deadline=None, database=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(requests(route, self.cast.real))
        def hand_over(sent: Sent) -> None:
            self._hand_over(sent)

        hand_over()

    def _anybody(self) -> str:
        return self._chance.choice(list(self._people))

    def _hand_over(self, sent: Sent) -> None:
        try:
            request = built(sent.route.rule, sent.method, sent.path, sent.headers, sent.options())
        except (UnicodeError, ValueError):
            return  # no client can write it
        self.send(request, self._people[sent.who])

    def send(self, request: Request, someone: Someone) -> None:
        request = someone.dressed(request)
        try:
            answer = send(self.site.port, request)
        except OSError as error:
            self.tally.statuses[request.rule][HUNG_UP] += 1
            if not request.is_too_much:
                what = f"no answer ({type(error).__name__}) at {request.method} {request.rule}"
                self.tally.fault(what, request.curl(self.site.port))
            return
        someone.keep(answer.cookies)
        self.tally.note(request, answer, self.site.port)


def someone_of(client: FlaskClient, headers: dict[str, str]) -> Someone:
    jar = client._cookies or {}
    return Someone(dict(headers), dict(cookie._to_request_header().split("=", 1) for cookie in jar.values()))


@contextmanager
def fresh_site(folder: Path, database: str) -> Iterator[tuple[RunningSite, Flask]]:
    if database == "sqlite":
        with running_site(folder, **SETTINGS) as site:
            yield site, create_app(Config.from_environ(site.environ))
        return
    with running_postgres() as url:
        own = make_database(url, "fuzz")
        with running_site(folder, DATABASE_URL=own, **SETTINGS) as site:
            yield site, create_app(Config.from_environ(site.environ))
