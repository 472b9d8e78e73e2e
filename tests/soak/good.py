"""Good histories, drawn from a seed: what a site that keeps its promises would have shown. For the checker's tests."""

from __future__ import annotations

import random
from itertools import count

from tests.soak.history import (
    DELETE,
    EDIT,
    MESSAGE,
    Ack,
    Deletion,
    Edit,
    Heard,
    History,
    Line,
    Post,
    Reading,
    Row,
    Shown,
)

ROOMS = ("TEA", "COFFEE")
_LEAST_EVENTS, _MOST_EVENTS = 12, 40


def good_history(seed: int) -> History:
    """Two rooms with several writers and readers, repeats, deletions, messages in doubt and broken lines."""
    chance = random.Random(seed)
    history = History()
    for room in ROOMS:
        _talk(history, room, chance)
        for number in range(3):
            history.readings.append(_read(history, room, f"r{number}", chance))
        history.pages[room] = [
            Shown(row.seq, row.text, row.is_deleted) for row in history.log[room] if row.kind == MESSAGE
        ]
    return history


def _talk(history: History, room: str, chance: random.Random) -> None:
    """At each step somebody writes, edits or takes back an earlier message; the first one is edited and stays."""
    log: list[Row] = []
    history.log[room] = log
    clock = count(start=1.0, step=1.0)
    numbers = count(1)
    for step in range(chance.randint(_LEAST_EVENTS, _MOST_EVENTS)):
        standing = [row for row in log if row.kind == MESSAGE and not row.is_deleted]
        if step == _LEAST_EVENTS // 2 - 1:
            _edit(history, room, standing[0], 1.0, next(clock))
        elif step == _LEAST_EVENTS // 2 or (standing[2:] and chance.random() < 0.1):
            _take_back(history, room, chance.choice(standing[1:]), next(clock))
        elif standing[1:] and chance.random() < 0.1:
            _edit(history, room, chance.choice(standing[1:]), chance.random(), next(clock))
        else:
            _say(history, room, next(numbers), clock, chance, is_plain=step < _LEAST_EVENTS // 2)


def _say(
    history: History, room: str, number: int, clock: count[float], chance: random.Random, *, is_plain: bool
) -> None:
    """A plain one is acknowledged at once, once."""
    post = Post(room, f"w{number % 3}", f"{room}-{number}", f"says {number}", next(clock))
    history.posts.append(post)
    fate = 1.0 if is_plain else chance.random()
    if fate < 0.05:
        return  # given up, and not stored
    seq = len(history.log[room]) + 1
    history.log[room].append(Row(seq, MESSAGE, seq, post.client_id, post.text, False))
    if fate >= 0.1:
        post.acks.append(Ack(seq, next(clock)))
    if 0.1 <= fate < 0.3:
        post.acks.append(Ack(seq, next(clock)))


def _edit(history: History, room: str, row: Row, fate: float, at: float) -> None:
    """Only what was acknowledged is edited; some edits are in doubt, and half of those came to nothing."""
    log = history.log[room]
    if not any(post.acks for post in history.posts if post.client_id == row.client_id):
        return
    edit = Edit(room, row.seq, f"{row.text} edited {len(log)}", at if fate >= 0.3 else None)
    history.edits.append(edit)
    if fate < 0.15:
        return
    log[row.seq - 1] = row._replace(text=edit.text)
    log.append(Row(len(log) + 1, EDIT, row.seq, row.client_id, edit.text, False))


def _take_back(history: History, room: str, row: Row, at: float) -> None:
    log = history.log[room]
    log[row.seq - 1] = row._replace(text="", is_deleted=True)
    log.append(Row(len(log) + 1, DELETE, row.seq, row.client_id, "", True))
    history.deletions.append(Deletion(room, row.seq, at))


def _read(history: History, room: str, name: str, chance: random.Random) -> Reading:
    """Hears the whole log, over one line or several; some of what is deleted later comes as deleted at once."""
    first = {post.client_id: post.text for post in history.posts if post.room == room}
    reading = Reading(name, room, lines=[Line(0.0)])
    for row in history.log[room]:
        at = row.seq * 0.01
        if row.seq > 1 and chance.random() < 0.1:
            reading.lines[-1].closed_at = at
            reading.lines.append(Line(at))
        is_late = row.is_deleted and chance.random() < 0.3
        is_late = is_late or (row.kind == EDIT and history.log[room][row.about - 1].is_deleted)
        gone = row.kind == DELETE or is_late
        text = "" if gone else row.text if row.kind == EDIT else first[row.client_id]
        reading.heard.append(Heard(row.seq, row.kind, row.about, text, gone, at, len(reading.lines) - 1))
    return reading
