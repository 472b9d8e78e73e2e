"""Who is here: each process keeps its own part in Redis, and everybody merges the parts.

A part is stored in the hash ``room:{id}:presence`` under the process's id, with Redis' own time, so
that no clock of a host matters.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from chatpop.core import redis_keys
from chatpop.extensions import redis_store
from chatpop.rooms.live import processes

SHOWN = 50
"""People listed by name; the rest is a number, or a list of thousands would go to thousands."""
STALE_SECONDS = 45
_KEPT_SECONDS = 60


class Person(NamedTuple):
    tag: str
    name: str


@dataclass(frozen=True, slots=True)
class Presence:
    """``people`` by name, at most :data:`SHOWN`; ``hidden`` more; ``readers`` without a name."""

    people: list[Person] = field(default_factory=list)
    readers: int = 0
    hidden: int = 0

    @property
    def named(self) -> int:
        """How many have a name here."""
        return len(self.people) + self.hidden

    @property
    def count(self) -> int:
        return self.named + self.readers


class Part(NamedTuple):
    """Who listens to one room through one process."""

    people: frozenset[Person]
    readers: int


def part_of(people: Counter[Person], readers: int) -> Part:
    return Part(frozenset(people), readers)


def merge(parts: Iterable[Part]) -> Presence:
    """Everybody once, whatever the number of tabs and processes."""
    people: set[Person] = set()
    readers = 0
    for part in parts:
        people |= part.people
        readers += part.readers
    ordered = sorted(people, key=lambda person: (person.name.casefold(), person.tag))
    return Presence(ordered[:SHOWN], readers, max(0, len(ordered) - SHOWN))


class Board:
    """The parts in Redis, as one process sees and writes them. Every method raises ``RedisError``."""

    def __init__(self, process_id: str) -> None:
        self._process_id = process_id
        self._offset: float | None = None

    def exchange(self, own: Mapping[int, Part | None]) -> dict[int, list[Part]]:
        """Write this process's part of each room (None takes it away); the others' parts of each."""
        pipe = redis_store.client.pipeline(transaction=False)
        pipe.time()
        at = self._redis_now()
        for room_id, part in own.items():
            key = redis_keys.room_presence(room_id)
            if part is None:
                pipe.hdel(key, self._process_id)
            else:
                pipe.hset(key, self._process_id, _encode(part, at))
                pipe.expire(key, _KEPT_SECONDS)
        for room_id in own:
            pipe.hgetall(redis_keys.room_presence(room_id))
        answers: list[Any] = pipe.execute()
        now = self._set_clock(answers[0])
        return {
            room_id: self._living(room_id, raw, now)
            for room_id, raw in zip(own, answers[-len(own) :] if own else [], strict=True)
        }

    def others(self, room_id: int) -> list[Part]:
        """The parts of the other processes; pages ask, and don't wait."""
        pipe = redis_store.brief.pipeline(transaction=False)
        pipe.time()
        pipe.hgetall(redis_keys.room_presence(room_id))
        moment, raw = pipe.execute()
        return self._living(room_id, raw, self._set_clock(moment))

    def tell_counts(self, counts: Mapping[int, int]) -> None:
        """Keep the rooms' head counts for the home page."""
        pipe = redis_store.client.pipeline(transaction=False)
        for room_id, count in counts.items():
            if count:
                pipe.set(redis_keys.room_people(room_id), count, ex=_KEPT_SECONDS)
            else:
                pipe.delete(redis_keys.room_people(room_id))
        pipe.execute()

    def counts(self, room_ids: list[int]) -> dict[int, int]:
        """The rooms' head counts as last told; 0 for rooms nobody listens to."""
        if not room_ids:
            return {}
        found: Any = redis_store.brief.mget([redis_keys.room_people(room_id) for room_id in room_ids])
        return {room_id: int(count or 0) for room_id, count in zip(room_ids, found, strict=True)}

    def _living(self, room_id: int, raw: Mapping[str, str], now: float) -> list[Part]:
        parts, dead = [], []
        for process_id, text in raw.items():
            part, at = _decode(text)
            if process_id == self._process_id:
                continue
            if now - at > STALE_SECONDS or processes.is_gone(process_id, self._process_id):
                dead.append(process_id)
            else:
                parts.append(part)
        if dead:
            redis_store.brief.hdel(redis_keys.room_presence(room_id), *dead)
        return parts

    def _redis_now(self) -> float:
        if self._offset is None:
            return self._set_clock(redis_store.client.time())
        return time.monotonic() + self._offset

    def _set_clock(self, moment: Any) -> float:
        now = float(moment[0]) + float(moment[1]) / 1e6
        self._offset = now - time.monotonic()
        return now


def _encode(part: Part, at: float) -> str:
    return json.dumps({"at": at, "people": sorted(part.people), "readers": part.readers})


def _decode(text: str) -> tuple[Part, float]:
    value = json.loads(text)
    people = frozenset(Person(tag, name) for tag, name in value["people"])
    return Part(people, int(value["readers"])), float(value["at"])
