"""How long readers were behind: after each break of a line, and for each message. Pure."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from tests.soak.history import History, Reading

GOAL_P95 = 3.0
GOAL_MOST = 10.0
"""Seconds after the kill of a web process in which its readers are complete again (SECURITY, "Reliability goals")."""


class Spread(NamedTuple):
    """Seconds; all 0 where there is nothing to measure."""

    size: int
    p50: float
    p95: float
    most: float


class Gap(NamedTuple):
    """From the break of a line to the moment when its reader knew again all that was acknowledged."""

    broken_at: float
    seconds: float


def spread(seconds: Sequence[float]) -> Spread:
    ordered = sorted(seconds)
    if not ordered:
        return Spread(0, 0.0, 0.0, 0.0)
    return Spread(len(ordered), _share(ordered, 0.5), _share(ordered, 0.95), ordered[-1])


def _share(ordered: Sequence[float], share: float) -> float:
    return ordered[math.ceil(share * len(ordered)) - 1]


def gaps(history: History) -> list[Gap]:
    """One for each break that was followed by another line."""
    acknowledged: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for post in history.posts:
        for ack in post.acks[:1]:
            acknowledged[post.room].append((ack.at, ack.seq))
    highest = {room: _highest(sorted(acks)) for room, acks in acknowledged.items()}
    quick = [reading for reading in history.readings if not reading.is_slow]
    return [gap for reading in quick for gap in _of(reading, highest.get(reading.room, []))]


def _highest(acks: Sequence[tuple[float, int]]) -> list[tuple[float, int]]:
    """The highest acknowledged number at each moment of an acknowledgement."""
    top, found = 0, []
    for at, seq in acks:
        top = max(top, seq)
        found.append((at, top))
    return found


def _of(reading: Reading, highest: Sequence[tuple[float, int]]) -> list[Gap]:
    heard_at: dict[int, float] = {}
    for one in reading.heard:
        heard_at.setdefault(one.seq, one.at)
    found = []
    for before, after in zip(reading.lines, reading.lines[1:], strict=False):
        if before.closed_at is None:
            continue
        place = bisect_right(highest, (after.opened_at, math.inf))
        known = highest[place - 1][1] if place else 0
        whole_at = max(after.opened_at, heard_at.get(known, math.inf) if known else 0.0)
        found.append(Gap(before.closed_at, whole_at - before.closed_at))
    return found


def delays(history: History) -> list[float]:
    """From each acknowledgement to each reader of the room; below 0 counts as 0."""
    acked = {(post.room, post.acks[0].seq): post.acks[0].at for post in history.posts if post.acks}
    found = []
    for reading in history.readings:
        for one in reading.heard if not reading.is_slow else ():
            at = acked.get((reading.room, one.seq))
            if at is not None:
                found.append(max(0.0, one.at - at))
    return found
