"""The OpenAPI document, put together from what stands beside each view; a test compares it with the routes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Flask, current_app, jsonify
from flask.typing import ResponseReturnValue

from chatpop.api.v1 import problems, schemas
from chatpop.api.v1.bearer import is_open, open_to_all
from chatpop.api.v1.describing import JSON, Description, describe
from chatpop.api.v1.name_calls import CALLS

bp = Blueprint("openapi", __name__)
Node = dict[str, Any]

_PARAMETER = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_OF_MEMBERS = (401, 403, 503)
_HEADERS: dict[int, Node] = {
    401: {"WWW-Authenticate": {"required": True, "schema": schemas.TEXT}},
    429: {"Retry-After": {"schema": schemas.COUNT, "description": "Seconds."}},
    503: {"Retry-After": {"required": True, "schema": schemas.COUNT, "description": "Seconds."}},
}


@bp.get("/openapi.json")
@describe("This document", answers={200: "Document"})
@open_to_all
def show() -> ResponseReturnValue:
    return jsonify(document(current_app))


def document(app: Flask) -> Node:
    """Every described call under ``/api``."""
    paths: dict[str, Node] = {}
    for path, method, endpoint, description in _calls(app):
        is_public = endpoint in CALLS or is_open(app.view_functions[endpoint])
        paths.setdefault(path, {})[method] = _operation(path, endpoint, description, is_public)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "chatpop",
            "version": "1",
            "description": "Accounts, rooms and messages for members' programs, and the public calls of the names.",
        },
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": {**schemas.COMPONENTS, "Document": {"type": "object"}},
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The access token of a log-in, or a personal access token.",
                }
            },
        },
    }


def _calls(app: Flask) -> Iterator[tuple[str, str, str, Description]]:
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        description = CALLS.get(rule.endpoint) or getattr(view, "description", None)
        if rule.rule.startswith("/api/") and description is not None:
            for method in sorted((rule.methods or set()) & set(_METHODS)):
                yield _PARAMETER.sub(r"{\1}", rule.rule), method.lower(), rule.endpoint, description


def _operation(path: str, endpoint: str, told: Description, is_public: bool) -> Node:
    is_v1 = path.startswith(problems.PREFIX)
    refusals = sorted(set(told.refusals) | (set() if is_public else set(_OF_MEMBERS)))
    answers = {str(status): _answer(status, name, JSON) for status, name in told.answers.items()}
    for status in refusals:
        name = told.refused_with.get(status, "Problem" if is_v1 else "Refusal")
        answers[str(status)] = _answer(status, name, problems.MEDIA_TYPE if is_v1 else JSON)
    node: Node = {
        "operationId": endpoint.removeprefix("v1."),
        "summary": told.summary,
        "tags": [endpoint.split(".")[-2]],
        "parameters": _parameters(path, told),
        "responses": answers,
        "security": [] if is_public else [{"bearer": []}],
    }
    if told.body is not None:
        node["requestBody"] = {
            "required": told.needs_body,
            "content": {kind: {"schema": told.body} for kind in told.kinds},
        }
    return node


def _parameters(path: str, told: Description) -> list[Node]:
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": schemas.PATH[name]}
        for name in re.findall(r"{([^}]+)}", path)
    ]
    return in_path + [{"name": name, "in": "query", "schema": schema} for name, schema in told.query.items()]


def _answer(status: int, name: str | None, kind: str) -> Node:
    node: Node = {"description": HTTPStatus(status).phrase}
    if name is not None:
        node["content"] = {kind: {"schema": {"$ref": f"#/components/schemas/{name}"}}}
    if status in _HEADERS and kind == problems.MEDIA_TYPE:
        node["headers"] = _HEADERS[status]
    return node
