"""Logging in, renewing and ending a session."""

from __future__ import annotations

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue

from chatpop.accounts import leaving
from chatpop.accounts import sessions as log_ins
from chatpop.accounts.sessions import Claim
from chatpop.accounts.throttle import NETWORK_WINDOW
from chatpop.api.v1 import bearer, schemas
from chatpop.api.v1.bearer import InvalidToken, open_to_all, present_caller
from chatpop.api.v1.describing import FORM, JSON, describe
from chatpop.api.v1.sent import form_or_json
from chatpop.core.errors import DomainError
from chatpop.identity import access_tokens, sessions, tokens
from chatpop.identity.sessions import Credentials
from chatpop.identity.tokens import Audience
from chatpop.settings import registry
from chatpop.web.client_address import client_address, network_buckets
from chatpop.web.json_body import text_field

bp = Blueprint("logins", __name__)
GRANT = "password"


class WrongGrant(DomainError):
    status, code = 400, "unsupported_grant_type"
    sentence = f"The field grant_type must be {GRANT}, or be left out."


@bp.post("/login")
@describe(
    "Log in with a name or e-mail address, and a password",
    body=schemas.LOGIN,
    kinds=(JSON, FORM),
    answers={200: "TokenPair"},
    refusals=(400, 401, 403, 413, 415, 429, 503),
)
@open_to_all
def create() -> ResponseReturnValue:
    body = form_or_json()
    if body.get("grant_type", GRANT) != GRANT:
        raise WrongGrant
    address, amount = client_address(), registry.MAX_LOGIN_FAILURES_PER_NETWORK.get()
    claim = Claim(
        identifier=text_field(body, "username"),
        password=text_field(body, "password"),
        networks=network_buckets("login-failures", address, amount, NETWORK_WINDOW),
        address=address,
    )
    found = log_ins.log_in(claim, current_app.config["CHATPOP"], Audience.API)
    return _pair(found.credentials)


@bp.post("/refresh")
@describe(
    "Trade a refresh token for a new pair; each works once, and using it again ends the session",
    body=schemas.REFRESH,
    kinds=(JSON, FORM),
    answers={200: "TokenPair"},
    refusals=(400, 401, 403, 413, 415, 503),
)
@open_to_all
def update() -> ResponseReturnValue:
    refreshed = sessions.refresh(text_field(form_or_json(), "refresh_token"), Audience.API, tabs=False)
    if refreshed is None:
        raise InvalidToken
    bearer.check(refreshed.user)
    return _pair(refreshed.credentials)


@bp.post("/logout")
@describe("End the session of the token shown, or the personal access token shown", answers={204: None})
def destroy() -> ResponseReturnValue:
    caller = present_caller()
    if caller.token_id is not None:
        access_tokens.revoke(caller.user, caller.token_id)
    else:
        leaving.log_out(caller.session_id, None)
    return "", 204


@bp.post("/logout-all")
@describe("End everything that was issued to you: browsers, programs, personal access tokens", answers={204: None})
def destroy_all() -> ResponseReturnValue:
    leaving.log_out_everywhere(present_caller().user, None)
    return "", 204


def _pair(credentials: Credentials) -> ResponseReturnValue:
    secret = current_app.config["SECRET_KEY"]
    return jsonify(
        access_token=tokens.issue(secret, credentials.access, Audience.API),
        refresh_token=credentials.refresh,
        token_type="bearer",  # noqa: S106  OAuth2's word, RFC 6750
        expires_in=tokens.ACCESS_SECONDS,
    )
