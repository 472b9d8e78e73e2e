"""The fast path before Flask: what it can't answer it hands on."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from chatpop.config import Config
from chatpop.core import database, limits
from chatpop.core.errors import DomainError
from chatpop.extensions import db
from chatpop.identity import tokens
from chatpop.identity.evidence import evidence_of
from chatpop.identity.newcomers import guest_ban_evidence
from chatpop.identity.tokens import Audience
from chatpop.rooms import minutes, posting
from chatpop.rooms.bodies import clean_body
from chatpop.rooms.history import LogEntry
from chatpop.rooms.live import live
from chatpop.rooms.models import EventKind
from chatpop.rooms.rendering import render_entry
from chatpop.rooms.tags import tag_of
from chatpop.rooms.views.fast_path import answering, sent
from chatpop.rooms.views.fast_path.clearance import Cleared, clear
from chatpop.rooms.views.fast_path.sent import Sent
from chatpop.web import request_log
from chatpop.web.client_address import address_of
from chatpop.web.request_log import Answered

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ENDPOINT = "messages.create"
"""What the log and the figures call it, whichever way it has gone."""
CALLING = "@"
"""A text with it may call somebody by name."""

log = structlog.get_logger()


class FastPath:
    """WSGI wrapper around ``app.wsgi_app``, inside of what judges the proxies."""

    def __init__(self, app: Flask, config: Config) -> None:
        self._app, self._config = app, config
        self._long_way: WSGIApplication = app.wsgi_app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if sent.is_candidate(environ):
            body = self._answer(environ, start_response)
            if body is not None:
                return [body]
        return self._long_way(environ, start_response)

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> bytes | None:
        """Store the message and begin the answer, whose body it returns; None where the long way is to be taken."""
        began, peer = time.perf_counter(), environ.get("REMOTE_ADDR")
        message = sent.read(environ, self._config)
        if message is None:
            return None
        request_id = request_log.start(environ)
        try:
            with self._app.app_context():
                cleared = self._clear(environ, message)
                entry = _store(cleared, message) if cleared is not None else None
                if cleared is None or entry is None:
                    return None
                fragment = render_entry(entry).encode()
        except (DomainError, SQLAlchemyError):
            return None
        except Exception:  # a fault of this way must not cost a message that the other one may store
            log.exception("fast_path_failed")
            return None
        headers, body = answering.headers(environ, fragment)
        allowance = limits.spent.get()
        headers += answering.told(request_id, allowance)
        start_response(answering.STATUS, headers)
        seconds = time.perf_counter() - began
        request_log.note(Answered("POST", ENDPOINT, 201, seconds, cleared.tier, cleared.user_id, peer))
        return body

    def _clear(self, environ: WSGIEnvironment, message: Sent) -> Cleared | None:
        access = tokens.read(self._config.secret_key, message.access, Audience.PAGES)
        if access is None:
            return None
        browser = evidence_of(
            lambda name: environ.get(f"HTTP_{name.upper().replace('-', '_')}", ""),
            address_of(environ.get("REMOTE_ADDR")),
        )
        evidence = guest_ban_evidence(access.user_id, browser, self._config)
        return clear(access, message.code, message.client_id, evidence)


def _store(author: Cleared, message: Sent) -> LogEntry | None:
    """Count it, write it, tell everybody. Raises refusals, ``IntegrityError`` and what a missing database raises."""
    text = clean_body(message.body)
    posting.check_client_id(message.client_id)
    if CALLING in text:
        return None
    limits.spend([minutes.bucket_for(author.user_id, is_registered=author.is_registered)], without_redis=True)
    row = {
        "room_id": author.room_id,
        "author_id": author.user_id,
        "author_name": author.name,
        "author_tag": tag_of(author.invite, author.user_id, author.name_key),
        "author_is_verified": author.is_registered and author.name == author.username,
        "body": text,
        "client_id": message.client_id,
        "reply_to_seq": None,
    }
    with database.writing(), db.engine.begin() as connection:
        stored = posting.store(connection, row)
    entry = LogEntry(stored.seq, EventKind.MESSAGE, stored, message.code)
    live.announce(author.room_id, entry.seq, entry.kind, entry)
    return entry
