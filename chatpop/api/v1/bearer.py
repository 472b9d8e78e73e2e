"""The guard of ``/api/v1``: members only, by bearer only; cookies open nothing here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from flask import current_app, g, request
from flask_login import current_user

from chatpop.core.errors import AccountDisabled, DomainError, LoginRequired, RegistrationRequired
from chatpop.extensions import db
from chatpop.identity import access_tokens, recognition, seeing, tokens
from chatpop.identity.models import User
from chatpop.identity.tokens import Access, Audience
from chatpop.web.csrf import SAFE_METHODS, ForeignRequest

P = ParamSpec("P")
T = TypeVar("T")


class InvalidToken(LoginRequired):
    code = "invalid_token"
    sentence = "Authentication required: this token is not valid, or no longer."


class SessionNeeded(DomainError):
    """A token that could make tokens would outlive its own end."""

    status, code = 403, "session_needed"
    sentence = "A personal access token can't make another one. Log in, or use the account page."


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and by which of the two: a log-in's session, or a personal access token's public id."""

    user: User
    session_id: int | None = None
    token_id: str | None = None


def open_to_all(view: Callable[P, T]) -> Callable[P, T]:
    """Mark a view that needs no bearer; all others do."""
    view.open_to_all = True  # type: ignore[attr-defined]
    return view


def is_open(view: object) -> bool:
    return getattr(view, "open_to_all", False)


def admit() -> None:
    """Let a member in, before any view that is not open to all. Raises refusals."""
    if request.method == "OPTIONS":
        return
    if is_open(current_app.view_functions.get(request.endpoint or "")):
        _refuse_foreign_pages()
        return
    sent = request.authorization
    if sent is None or sent.type != "bearer":
        raise _refusal_of_browser()
    caller = _by_personal_token(sent.token or "") or _by_session(sent.token or "")
    if caller is None:
        raise InvalidToken
    check(caller.user)
    seeing.touch(caller.user)
    g.v1_caller = caller
    g._login_user = caller.user  # Flask-Login's current_user is the one face of recognition


def present_caller() -> Caller:
    """Who this request is from; for views behind the guard."""
    caller: Caller = g.v1_caller
    return caller


def check(user: User) -> None:
    """Raises what an account that may not call is told; an abandoned one's tokens are worth nothing."""
    if user.is_disabled:
        raise AccountDisabled
    if user.is_abandoned:
        raise InvalidToken
    if not user.is_registered:
        raise RegistrationRequired


def _refuse_foreign_pages() -> None:
    """Without a bearer a page of another site could let its readers' browsers guess somebody's password."""
    if request.method not in SAFE_METHODS and request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        raise ForeignRequest


def _by_personal_token(secret: str) -> Caller | None:
    if not secret.startswith(access_tokens.PREFIX):
        return None
    found = access_tokens.recognise(secret)
    if found is None:
        return None
    token, user = found
    if user.is_active:
        access_tokens.note_use(token)
    return Caller(user, token_id=token.public_id)


def _by_session(token: str) -> Caller | None:
    secret = current_app.config["SECRET_KEY"]
    access = tokens.read(secret, token, Audience.API)
    user = recognition.user_of(access) if access else None
    if access is not None and user is not None:
        return Caller(user, session_id=access.session_id)
    _explain(access, tokens.read(secret, token, Audience.PAGES))
    return None


def _explain(access: Access | None, of_pages: Access | None) -> None:
    """Tell the owner of a disabled account, and a guest who tries the browser's token, why it does not work."""
    if access is not None:
        owner = db.session.get(User, access.user_id)
        if owner is not None and owner.is_disabled:
            raise AccountDisabled
    guest = recognition.user_of(of_pages) if of_pages else None
    if guest is not None and not guest.is_registered:
        check(guest)


def _refusal_of_browser() -> DomainError:
    """A guest's cookies are told that registering helps; a member's are as good as none."""
    if current_user.is_authenticated and not current_user.is_registered:
        return RegistrationRequired()
    return AccountDisabled() if g.get("is_disabled") else LoginRequired()
