"""What is there in the end: each room's log from the database itself, and its pages over HTTP."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg

from tests.soak.browser import Browser
from tests.soak.fragments import messages
from tests.soak.history import Row, Shown

_MESSAGES = """
SELECT rooms.code, 'message', messages.seq, messages.seq, messages.client_id, messages.body,
    messages.deleted_at IS NOT NULL
FROM messages JOIN rooms ON rooms.id = messages.room_id"""
_EVENTS = """
SELECT rooms.code, room_events.kind, room_events.seq, messages.seq, messages.client_id, '',
    messages.deleted_at IS NOT NULL
FROM room_events JOIN messages ON messages.id = room_events.message_id JOIN rooms ON rooms.id = room_events.room_id"""
_LAST = "SELECT code, last_seq FROM rooms"


class Database:
    """The site's database, read beside it."""

    def __init__(self, where: Path | str) -> None:
        """A SQLite file, or the URL of a PostgreSQL database."""
        self._where = where

    def log(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for query in (_MESSAGES, _EVENTS):
            for code, kind, seq, about, client_id, text, is_deleted in self._ask(query):
                found.setdefault(code, []).append(Row(seq, kind, about, client_id, text, bool(is_deleted)))
        return {code: sorted(rows) for code, rows in found.items()}

    def last_seqs(self) -> dict[str, int]:
        return dict(self._ask(_LAST))

    def _ask(self, query: str) -> list[tuple[Any, ...]]:
        if isinstance(self._where, Path):
            with closing(sqlite3.connect(f"file:{self._where}?mode=ro", uri=True, timeout=30)) as connection:
                return list(connection.execute(query))
        with psycopg.connect(self._where.replace("postgresql+psycopg", "postgresql")) as server:
            return list(server.execute(query))


def pages(browser: Browser, room: str) -> list[Shown]:
    """The room's whole history as a reader pages through it, forwards."""
    found: list[Shown] = []
    after = 0
    while True:
        answer = browser.send("GET", f"/rooms/{room}/messages?after={after}", headers={"Accept": "text/html"})
        text = answer.read().decode()
        assert answer.status == 200, text
        page = messages(text)
        if not page:
            return found
        found += [Shown(*one) for one in page]
        after = page[-1].seq
