"""A broken promise, and how the rules of the checker name things."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from tests.soak.history import History, Post, Reading, Row


class Wrong(NamedTuple):
    """``kind`` is one of the checker's ``KINDS``; ``promise`` is P1 to P6."""

    kind: str
    promise: str
    sentence: str


def by_seq(history: History) -> defaultdict[str, dict[int, Row]]:
    """The log's rows by room and number."""
    found: defaultdict[str, dict[int, Row]] = defaultdict(dict)
    for room, rows in history.log.items():
        found[room].update((row.seq, row) for row in rows)
    return found


def name(post: Post) -> str:
    return f"{post.client_id} in {post.room}"


def who(reading: Reading) -> str:
    return f"{reading.reader} in {reading.room}"
