"""What schemathesis makes of the OpenAPI document, sent to a running site by mia's program."""

from __future__ import annotations

from typing import Any

import schemathesis
from schemathesis import engine
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events

from tests.api.program import Program
from tests.fuzz.rounds import Round
from tests.fuzz.sending import Answer, Request

EXAMPLES = 5
"""For each call and phase."""
CALLS_OF_A_LOGIN = 20
"""Some calls end the log-in that they are made with."""


def follow(round_: Round) -> None:
    """Send the document's calls, well and badly formed, and note how they were answered."""
    site = round_.site
    config = SchemathesisConfig.from_dict(
        {
            "base-url": site.address,
            "seed": round_.number,
            "generation": {"max-examples": EXAMPLES, "database": "none"},
            "checks": {"enabled": False},
        }
    )
    document = schemathesis.openapi.from_dict(_document(round_), config=config)
    document.auth(refresh_interval=None)(_login_of(round_))
    for event in engine.from_schema(document).execute():
        if isinstance(event, events.ScenarioFinished):
            _note(round_, event)
        if round_.is_over():
            return


def _document(round_: Round) -> dict[str, Any]:
    """As it is served, with room codes narrowed to one that exists."""
    document: dict[str, Any] = Program(round_.app).get("openapi.json").json
    for calls in document["paths"].values():
        for parameter in [found for call in calls.values() for found in call["parameters"]]:
            if parameter["name"] == "code":
                parameter["schema"] = {"enum": round_.cast.real["code"][:1]}
    return document


def _login_of(round_: Round) -> type:
    class Login:
        calls = 0
        access = ""

        def get(self, case: schemathesis.Case[Any], context: schemathesis.AuthContext) -> str:
            if Login.calls % CALLS_OF_A_LOGIN == 0:
                Login.access = Program(round_.app).log_in().access or ""
            Login.calls += 1
            return Login.access

        def set(self, case: schemathesis.Case[Any], data: str, context: schemathesis.AuthContext) -> None:
            case.headers["Authorization"] = f"Bearer {data}"

    return Login


def _note(round_: Round, event: events.ScenarioFinished) -> None:
    for interaction in event.recorder.interactions.values():
        sent, answer = interaction.request, interaction.response
        if answer is None:
            continue
        target = "/" + sent.uri.split("/", 3)[3]
        headers = [(name, values[0]) for name, values in sent.headers.items()]
        request = Request(event.recorder.label, sent.method, target, headers, sent.body or b"")
        known = {name.lower(): values[0] for name, values in answer.headers.items()}
        round_.tally.note(request, Answer(answer.status_code, known, b"", []), round_.site.port)
