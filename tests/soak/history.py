"""What a run has seen: every message sent, every answer, every event a reader got, and what is stored in the end.

Moments are seconds of one monotonic clock, since all clients of a run live in one process.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

MESSAGE = "message"
EDIT = "edit"
DELETE = "delete"


class Ack(NamedTuple):
    """The site has said: it is stored, under this number."""

    seq: int
    at: float


@dataclass(slots=True)
class Post:
    """One message, sent until it was acknowledged or its writer gave up; more than one ack where it was repeated."""

    room: str
    writer: str
    client_id: str
    text: str
    sent_at: float
    acks: list[Ack] = field(default_factory=list)


@dataclass(slots=True)
class Edit:
    """A writer gives the message ``seq`` another text; not acknowledged, it may have happened or not.

    One writer's edits of one message follow one another.
    """

    room: str
    seq: int
    text: str
    acknowledged_at: float | None = None


@dataclass(slots=True)
class Deletion:
    """A writer takes back the message ``seq``; not acknowledged, it may have happened or not."""

    room: str
    seq: int
    acknowledged_at: float | None = None


class Heard(NamedTuple):
    """One numbered event. ``about`` is the number of the message that it shows."""

    seq: int
    kind: str
    about: int
    text: str
    is_deleted: bool
    at: float
    line: int
    """Which of the reader's lines brought it."""


@dataclass(slots=True)
class Line:
    """One connection to a stream: from the answer's head to the moment when the reader saw it break."""

    opened_at: float
    closed_at: float | None = None


@dataclass(slots=True)
class Reading:
    """Everything that one reader of one room got, from the room's first event on."""

    reader: str
    room: str
    is_slow: bool = False
    """Stalls on purpose: must get everything, but nobody looks how soon."""
    heard: list[Heard] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)


class Row(NamedTuple):
    """One number of a room's log as the database has it in the end."""

    seq: int
    kind: str
    about: int
    client_id: str
    text: str
    is_deleted: bool


class Shown(NamedTuple):
    """A message as the pages of the room's history show it in the end."""

    seq: int
    text: str
    is_deleted: bool


class Answer(NamedTuple):
    """A status that no client should get: 5xx, or a refusal of something that is allowed."""

    at: float
    status: int
    said: str


@dataclass(slots=True)
class History:
    """``log`` and ``pages`` are read when all writers have ended, by room."""

    posts: list[Post] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    deletions: list[Deletion] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    log: dict[str, list[Row]] = field(default_factory=dict)
    pages: dict[str, list[Shown]] = field(default_factory=dict)
