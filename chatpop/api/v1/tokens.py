"""Personal access tokens, for bots."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from chatpop.api.v1 import schemas
from chatpop.api.v1.bearer import SessionNeeded, present_caller
from chatpop.api.v1.describing import describe, moment
from chatpop.api.v1.sent import json_body, optional_number
from chatpop.identity import access_tokens
from chatpop.identity.models import PersonalAccessToken
from chatpop.web.json_body import text_field

bp = Blueprint("tokens", __name__)


@bp.get("/tokens")
@describe("Your personal access tokens, newest first", answers={200: "TokenList"})
def index() -> ResponseReturnValue:
    found = access_tokens.tokens_of(present_caller().user)
    return jsonify(tokens=[_shown(token) for token in found])


@bp.post("/tokens")
@describe(
    "Make a personal access token; the answer is the only one that ever shows it",
    body=schemas.NEW_TOKEN,
    answers={201: "NewToken"},
    refusals=(400, 409, 413, 415, 422),
)
def create() -> ResponseReturnValue:
    caller = present_caller()
    if caller.session_id is None:
        raise SessionNeeded
    body = json_body()
    name, days = text_field(body, "name"), optional_number(body, "expires_in_days")
    made = access_tokens.make(caller.user, name, days)
    return jsonify(**_shown(made.token), token=made.secret), 201


@bp.delete("/tokens/<token_id>")
@describe("Revoke a personal access token", answers={204: None}, refusals=(404,))
def destroy(token_id: str) -> ResponseReturnValue:
    access_tokens.revoke(present_caller().user, token_id)
    return "", 204


def _shown(token: PersonalAccessToken) -> dict[str, Any]:
    return {
        "id": token.public_id,
        "name": token.name,
        "created_at": moment(token.created_at),
        "expires_at": moment(token.expires_at),
        "last_used_at": moment(token.last_used_at),
    }
