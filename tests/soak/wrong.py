"""A broken promise, and how the rules of the checker name things."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from tests.soak.history import Edit, History, Post, Reading, Row


class Wrong(NamedTuple):
    """``kind`` is one of the checker's ``KINDS``; ``promise`` is P1 to P7."""

    kind: str
    promise: str
    sentence: str


class Texts(NamedTuple):
    """What a message may have said at any time, and what it may say in the end."""

    ever: set[str]
    last: set[str]


def texts(history: History) -> dict[tuple[str, int], Texts]:
    """Of every message whose number is known: the last acknowledged text stands, or one that is in doubt."""
    edits: defaultdict[tuple[str, int], list[Edit]] = defaultdict(list)
    for edit in history.edits:
        edits[edit.room, edit.seq].append(edit)
    found = {}
    for post in history.posts:
        for ack in post.acks[:1]:
            own = edits[post.room, ack.seq]
            sure = [post.text, *(edit.text for edit in own if edit.acknowledged_at is not None)]
            doubtful = {edit.text for edit in own if edit.acknowledged_at is None}
            found[post.room, ack.seq] = Texts({*sure, *doubtful}, {sure[-1], *doubtful})
    return found


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
