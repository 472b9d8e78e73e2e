"""Server-sent events on the wire (WHATWG HTML, section 9.2)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from email.utils import formatdate
from typing import NamedTuple

from werkzeug.datastructures import Headers

from chatpop.core import clock
from chatpop.rooms import rendering
from chatpop.rooms.history import LogEntry, RoomState
from chatpop.rooms.live.presence import Person, Presence
from chatpop.rooms.models import EventKind

RETRY = b"retry: 1000\n\n"
HEARTBEAT = b": here\n\n"
END = b"event: end\ndata: end\n\n"
"""The reader may not come back as it is; a browser closes its source."""

HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
    "X-Content-Type-Options": "nosniff",
}

_LINE_END = re.compile(r"\r\n|\n|\r")


class Frame(NamedTuple):
    """One log entry as it is sent.

    ``changes`` is the seq of the message whose words it alters, ``quotes`` that of the message whose words it shows.
    """

    seq: int
    data: bytes
    changes: int | None
    quotes: int | None = None
    author: str = ""
    """The tag of who has just written; empty where nobody has."""


def log_frame(entry: LogEntry) -> Frame:
    """Render and frame an entry."""
    changes = entry.message.seq if entry.kind in (EventKind.EDIT, EventKind.DELETE) else None
    data = event(entry.kind, rendering.render_entry(entry), entry.seq)
    quotes = entry.message.reply_to_seq if entry.kind != EventKind.REACTION else None
    return Frame(entry.seq, data, changes, quotes, entry.message.author_tag if entry.kind == EventKind.MESSAGE else "")


def people_frame(presence: Presence, code: str) -> bytes:
    """Who is here; without an id, so that it is no part of the log."""
    return event("people", rendering.render_people(presence, code))


def state_frame(state: RoomState) -> bytes:
    """What holds in the room; without an id, like who is here."""
    return event("room", rendering.render_state(state))


def typing_frame(people: Sequence[Person]) -> bytes:
    """Who is typing; without an id, like who is here."""
    return event("typing", rendering.render_typists(people))


def files_frame(entry: LogEntry) -> bytes:
    """What hangs on a message now; without an id, like who is here."""
    return event("files", rendering.render_files(entry))


def event(kind: str, data: str, seq: int | None = None) -> bytes:
    """One event; every kind of line end in ``data`` separates lines, as the standard reads it."""
    lines = "\n".join(f"data: {line}" for line in _LINE_END.split(data.strip()))
    head = f"id: {seq}\n" if seq is not None else ""
    return f"{head}event: {kind}\n{lines}\n\n".encode()


def head(headers: Headers) -> bytes:
    """Status line and headers of a stream that ends with its connection (HTTP/1.x)."""
    headers = Headers(headers)
    for name in ("Content-Length", "Transfer-Encoding"):
        headers.remove(name)
    headers["Connection"] = "close"
    headers.setdefault("Date", formatdate(clock.timestamp(), usegmt=True))
    lines = ["HTTP/1.1 200 OK", *(f"{name}: {value}" for name, value in headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
