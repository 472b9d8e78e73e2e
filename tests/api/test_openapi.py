"""The OpenAPI document is true: it names every call, and the site answers as it says."""

from __future__ import annotations

import re

from flask import Flask

from tests.api.program import Program

OF_PROGRAMS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


def test_the_document_names_every_call_and_no_other(app: Flask) -> None:
    document = Program(app).get("openapi.json").json
    described = {(path, method.upper()) for path, calls in document["paths"].items() for method in calls}
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in (rule.methods or set()) & OF_PROGRAMS
    }
    assert described == routes


def test_every_call_that_is_not_public_says_that_it_needs_a_bearer(app: Flask) -> None:
    document = Program(app).get("openapi.json").json
    public = {path for path, calls in document["paths"].items() for call in calls.values() if call["security"] == []}
    assert {path for path in public if path.startswith("/api/v1")} == {
        "/api/v1/login",
        "/api/v1/refresh",
        "/api/v1/openapi.json",
    }


def test_every_schema_that_is_named_exists(app: Flask) -> None:
    answer = Program(app).get("openapi.json")
    named = set(re.findall(r"#/components/schemas/(\w+)", answer.text))
    assert named == set(answer.json["components"]["schemas"])


def test_every_other_call_asks_for_a_bearer_before_anything_else(app: Flask) -> None:
    document = Program(app).get("openapi.json").json
    guarded = [
        (path, method) for path, calls in document["paths"].items() for method in calls if calls[method]["security"]
    ]
    assert len(guarded) >= 12
    for path, method in guarded:
        address = re.sub("{[^}]+}", "ACDEFG", path)
        for access in (None, "", "nonsense", "a.b.c", "cpat_nonsense"):
            answer = Program(app, access).call(method.upper(), address, data=b"x")
            assert answer.status_code == 401, (path, method, access)
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            assert answer.content_type == "application/problem+json"
