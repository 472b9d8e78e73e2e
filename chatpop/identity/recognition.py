"""Recognising the present request's viewer, in the order access, refresh, device, policy.

Flask-Login's ``current_user`` is the one face of it; it asks once a request, when first needed.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache

from flask import Flask, Request, current_app, g
from flask_login import current_user
from sqlalchemy import Select, bindparam, select, update
from sqlalchemy.orm import defer

from chatpop.config import Config
from chatpop.core.errors import AccountDisabled
from chatpop.core.texts import text
from chatpop.core.transactions import transaction
from chatpop.extensions import db, login
from chatpop.identity import cookies, devices, seeing, sessions, sleeping, tokens
from chatpop.identity.cookies import Kind
from chatpop.identity.evidence import present_evidence
from chatpop.identity.models import Session, User
from chatpop.identity.sessions import Assurance
from chatpop.identity.tokens import Access, Audience
from chatpop.identity.viewer import Viewer
from chatpop.web.client_address import client_address
from chatpop.web.saying import flash

VISITOR_SECONDS = 8 * 86_400
"""Longer than the longest hold that the settings allow (7 days)."""
FORGOTTEN = text("This guest was not seen for a long time and has been forgotten. You can start anew with a roll.")
WOKEN = text("Welcome back, %(name)s: this guest was nearly forgotten and is yours again. Its private files are gone.")


def init_app(app: Flask) -> None:
    login.request_loader(_load)
    app.after_request(cookies.send)
    app.jinja_env.globals["viewer"] = _LazyViewer()


class _LazyViewer:
    """The viewer in templates; asks only when a template looks."""

    def __getattr__(self, name: str) -> object:
        return getattr(_viewer(), name)


def present_viewer() -> Viewer:
    """Who this request is from. Raises ``AccountDisabled``."""
    viewer = _viewer()
    if g.get("is_disabled"):
        raise AccountDisabled
    return viewer


def _viewer() -> Viewer:
    user = current_user._get_current_object() if current_user.is_authenticated else None
    return Viewer(user, g.get("visitor_id") or cookies.unsign(cookies.read(Kind.VISITOR), "visitor"))


def remember_visitor(visitor_id: str) -> None:
    """Give or renew the visitor's cookie with this answer."""
    g.visitor_id = visitor_id
    cookies.put(Kind.VISITOR, cookies.sign(visitor_id, "visitor"), VISITOR_SECONDS)


def log_in(user: User, credentials: sessions.Credentials, device_secret: str | None = None) -> None:
    """Let the present browser be ``user`` from this answer on, and for the rest of this request."""
    secret = current_app.config["SECRET_KEY"]
    cookies.put(Kind.ACCESS, tokens.issue(secret, credentials.access, Audience.PAGES), tokens.ACCESS_SECONDS)
    if credentials.refresh is not None:
        cookies.put(Kind.REFRESH, credentials.refresh, int(sessions.REFRESH.total_seconds()))
    if device_secret is not None:
        cookies.put(Kind.DEVICE, device_secret, devices.cookie_seconds())
    g._login_user = user
    g.session_id = credentials.access.session_id
    g.pop("csrf_made", None)
    cookies.clear(Kind.LOGGED_OUT)


def log_out() -> None:
    """Let the present browser be nobody from this answer on, and for the rest of this request."""
    cookies.clear(*cookies.IDENTITY, Kind.VISITOR)
    if _config().guest_recognition == "headers":
        cookies.put(Kind.LOGGED_OUT, cookies.sign("out", "logged-out"), devices.MAX_AGE_DAYS * 86_400)
    g._login_user = login.anonymous_user()
    g.pop("visitor_id", None)
    g.pop("session_id", None)
    g.pop("csrf_made", None)


def present_session_id() -> int | None:
    """The session that this request came in on, a disabled account's too."""
    _viewer()
    session_id: int | None = g.get("session_id")
    return session_id


def is_proven() -> bool:
    """Whether the present session was begun with a proof, not with equal headers alone."""
    found = db.session.scalar(select(Session.assurance).where(Session.id == present_session_id()))
    return found is not None and found >= Assurance.PROVEN


def _load(_request: Request) -> User | None:
    user = _by_access() or _by_refresh() or _by_device() or _by_fingerprint()
    if user is None:
        return None
    if user.is_disabled:
        g.is_disabled = True
        return None
    if user.is_abandoned or not seeing.touch(user):
        _tell_forgotten()
        return None
    return user


def _tell_forgotten() -> None:
    """Once: the cookies that led to the account go with this answer."""
    cookies.clear(*cookies.IDENTITY)
    flash(FORGOTTEN)


def _by_access() -> User | None:
    token = cookies.read(Kind.ACCESS)
    access = tokens.read(current_app.config["SECRET_KEY"], token, Audience.PAGES) if token else None
    if access is None:
        return None
    g.session_id = access.session_id
    return user_of(access)


def user_of(access: Access) -> User | None:
    """The account that a token speaks for, if neither its epoch nor its session has ended."""
    asked = {"user_id": access.user_id, "session_id": access.session_id}
    row = db.session.execute(_account_and_session(), asked).one_or_none()
    if row is None or (not row.User.is_disabled and (row.revoked_at is not None or row.User.epoch != access.epoch)):
        return None  # a disabled account's old tokens are known, so that its owner is told why they open nothing
    return row.User  # type: ignore[no-any-return]


@cache
def _account_and_session() -> Select[User, datetime | None]:
    """Kept, because to build it takes longer than to run it, and every request of an account does."""
    return (
        select(User, Session.revoked_at)
        .join(Session, Session.user_id == User.id)
        .where(User.id == bindparam("user_id"), Session.id == bindparam("session_id"))
        .options(defer(User.fingerprint_data))
    )


def _by_refresh() -> User | None:
    token = cookies.read(Kind.REFRESH)
    refreshed = sessions.refresh(token, Audience.PAGES, tabs=True) if token else None
    if refreshed is None:
        return None
    if refreshed.user.is_active:
        log_in(refreshed.user, refreshed.credentials)
        device = cookies.read(Kind.DEVICE)
        if device is not None and devices.slide(device, refreshed.user.id):
            cookies.put(Kind.DEVICE, device, devices.cookie_seconds())
    return refreshed.user


def _by_device() -> User | None:
    secret = cookies.read(Kind.DEVICE)
    if secret is None or _config().guest_recognition == "none":
        return None
    found = devices.recognise(secret)
    if found is None:
        cookies.clear(Kind.DEVICE)
        if devices.is_forgotten(secret):
            _tell_forgotten()
        return None
    user = (_wake(found.user) if found.user.is_abandoned else None) or found.user
    if user.is_active:
        _resume(user, Assurance.PROVEN, found.device_id, found.secret)
    return user


def _wake(user: User) -> User | None:
    woken = sleeping.wake(user.id, present_evidence(), _config())
    if woken is not None:
        flash(text(WOKEN, name=woken.username))
    return woken


def _by_fingerprint() -> User | None:
    """The literal rule, by policy only: exactly one live guest with these headers, or nobody."""
    config = _config()
    if config.guest_recognition != "headers" or cookies.unsign(cookies.read(Kind.LOGGED_OUT), "logged-out"):
        return None
    digest = present_evidence().hash(config.secret_key, include_ip=config.fingerprint_include_ip)
    found = db.session.scalars(
        select(User)
        .where(
            User.fingerprint_hash == digest,
            User.is_registered.is_(False),
            User.is_abandoned.is_(False),
            User.is_disabled.is_(False),
        )
        .limit(2)
    ).all()
    if len(found) != 1:
        return None
    _resume(found[0], Assurance.HEADERS)
    return found[0]


def _resume(user: User, assurance: Assurance, device_id: int | None = None, secret: str | None = None) -> None:
    """A fresh session for a guest that came back without one."""
    with transaction() as session:
        session.execute(update(User).where(User.id == user.id).values(last_login_ip=client_address()))
        credentials = sessions.start(session, user, Audience.PAGES, device_id, assurance)
    log_in(user, credentials, secret)


def _config() -> Config:
    config: Config = current_app.config["CHATPOP"]
    return config
