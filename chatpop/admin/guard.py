"""Who may come in: members with ``is_admin`` who have logged in a short while ago."""

from __future__ import annotations

from datetime import timedelta

from flask import g, request, url_for
from sqlalchemy import select

from chatpop.core import clock
from chatpop.core.errors import DomainError, LoginRequired
from chatpop.extensions import db
from chatpop.identity.models import Session
from chatpop.identity.recognition import present_viewer

FRESH = timedelta(hours=2)


class AdminsOnly(DomainError):
    status, code = 403, "admins_only"
    sentence = "Only the people who run this site can come in here."


class StaleLogin(LoginRequired):
    code = "stale_login"
    sentence = "Please log in again: this part of the site wants a fresh log-in."


def guard() -> None:
    """Raises ``LoginRequired``, :class:`AdminsOnly` or :class:`StaleLogin`; for ``before_request``."""
    user = present_viewer().user
    login = url_for("logins.new", next=request.path)
    if user is None:
        raise LoginRequired(mend=login)
    if not (user.is_registered and user.is_admin):
        raise AdminsOnly
    if not _is_fresh():
        raise StaleLogin(mend=login)


def _is_fresh() -> bool:
    """Whether the session behind this request began with a log-in not long ago."""
    began = db.session.scalar(select(Session.created_at).where(Session.id == g.get("session_id")))
    return began is not None and clock.now() - began < FRESH
