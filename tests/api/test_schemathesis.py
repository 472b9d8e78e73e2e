"""schemathesis reads the OpenAPI document and tries every call: the site answers as the document says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from flask import Flask
from schemathesis import engine
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Ok
from schemathesis.engine import events

from chatpop.core.transactions import transaction
from chatpop.identity import sessions, tokens
from chatpop.identity.models import User
from chatpop.identity.tokens import Audience
from tests.accounts.acts import make_member, user_called
from tests.api.program import Program
from tests.conftest import SECRET
from tests.support.people import Person

EXAMPLES = 10
"""For each call and phase, besides the boundary values of its parameters."""
FREE = ("MAX_ANONYMOUS_USERNAME_GENERATION_ATTEMPTS", "MAX_ROLLS_PER_NETWORK", "MAX_CHECKS_PER_NETWORK")
CHECKS = {
    # Well-formed texts can still be refused: a name that was not rolled, a blank message, a wrong password.
    "positive_data_acceptance": {"enabled": False},
    # Fails inside schemathesis for WSGI applications; test_openapi asks every call without a bearer instead.
    "ignored_auth": {"enabled": False},
}
HARD_TO_GUESS = {
    "POST /api/v1/login",
    "POST /api/v1/refresh",
    "DELETE /api/v1/tokens/{token_id}",
    "POST /api/v1/rooms/{code}/participation",
    "PATCH /api/v1/rooms/{code}/messages/{seq}",
    "DELETE /api/v1/rooms/{code}/messages/{seq}",
    "PUT /api/v1/rooms/{code}/messages/{seq}/reactions/{emoji}",
    "DELETE /api/v1/rooms/{code}/messages/{seq}/reactions/{emoji}",
    "GET /api/v1/rooms/{code}/search",
    "POST /api/chats/{code}/join/",
}
"""What works only with values that nobody draws by chance: passwords, tokens, names, numbers and words that exist."""


@dataclass
class Site:
    """The site with two rooms of mia's, one to leave; every call gets a log-in of its own, since some end it."""

    app: Flask
    code: str
    other: str

    def log_in(self) -> str:
        with self.app.app_context():
            with transaction() as session:
                user = session.get_one(User, user_called(self.app, "Mia-Rivers").id)
                credentials = sessions.start(session, user, Audience.API)
            return tokens.issue(SECRET, credentials.access, Audience.API)


@pytest.fixture
def site(make_app: Callable[..., Flask]) -> Site:
    app = make_app(**dict.fromkeys(FREE, "100000"))
    mia = make_member(Person(app))
    code = mia.open_room()
    mia.say(code, "hello")
    return Site(app, code, mia.open_room("Coffee"))


@pytest.mark.timeout(300)
def test_every_call_answers_as_the_document_says(site: Site) -> None:
    config = SchemathesisConfig.from_dict(
        {
            "generation": {"max-examples": EXAMPLES, "deterministic": True, "database": "none"},
            "headers": {"Accept-Encoding": "identity"},
            "checks": CHECKS,
        }
    )
    document = schemathesis.openapi.from_dict(document_of(site), config=config)
    document.app = site.app
    document.auth(refresh_interval=None)(login_of(site))
    calls = {found.ok().label for found in document.get_all_operations() if isinstance(found, Ok)}
    worked, failures = set[str](), list[str]()
    for event in engine.from_schema(document).execute():
        if isinstance(event, events.ScenarioFinished):
            worked.update(successes_of(event))
            failures += failures_of(event)
        elif isinstance(event, (events.NonFatalError, events.FatalError)):
            failures.append(str(event))
    assert not failures, "\n\n".join(failures)
    assert calls - worked <= HARD_TO_GUESS


def document_of(site: Site) -> dict[str, Any]:
    """The document as it is served, with room codes narrowed to rooms that exist."""
    document: dict[str, Any] = Program(site.app).get("openapi.json").json
    for path, calls in document["paths"].items():
        for parameter in [found for call in calls.values() for found in call["parameters"]]:
            if parameter["name"] == "code":
                parameter["schema"] = {"enum": [site.other if path.endswith("participation") else site.code]}
    return document


def login_of(site: Site) -> type:
    class Login:
        def get(self, case: schemathesis.Case[Any], context: schemathesis.AuthContext) -> str:
            return site.log_in()

        def set(self, case: schemathesis.Case[Any], data: str, context: schemathesis.AuthContext) -> None:
            case.headers["Authorization"] = f"Bearer {data}"

    return Login


def successes_of(event: events.ScenarioFinished) -> Iterator[str]:
    for case_id, interaction in event.recorder.interactions.items():
        operation, answer = event.recorder.cases[case_id].value.operation, interaction.response
        if answer is not None and answer.status_code < 300 and interaction.request.method == operation.method.upper():
            yield operation.label


def failures_of(event: events.ScenarioFinished) -> Iterator[str]:
    for checks in event.recorder.checks.values():
        for check in checks:
            if check.failure_info is not None:
                failure = check.failure_info.failure
                yield f"{event.recorder.label}: {failure.title}: {failure.message}\n{check.failure_info.code_sample}"
