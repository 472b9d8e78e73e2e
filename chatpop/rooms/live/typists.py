"""Who is typing in the rooms of one process: heard as facts, shown to a room's readers at most once a tick.

Nothing of it is stored and nothing has a number: what is lost is lost, and while Redis is away nobody types.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable

from chatpop.rooms.live.hub import Hub
from chatpop.rooms.live.presence import Person
from chatpop.rooms.live.subscription import Timing
from chatpop.rooms.live.wire import typing_frame

SHOWN = 5
"""People sent by name: with more than three others a page says "several"."""
MOST = 50
"""People remembered of one room."""


class Typists:
    """Somebody types until they have written, or gave no sign for ``timing.typing`` seconds."""

    def __init__(self, hub: Hub, timing: Timing, stopped: threading.Event) -> None:
        self._hub = hub
        self._timing = timing
        self._stopped = stopped
        self._lock = threading.Lock()
        self._some = threading.Event()
        self._until: dict[int, dict[Person, float]] = {}
        self._shown: dict[int, list[Person]] = {}

    def heard(self, room_id: int, person: Person) -> None:
        """Somebody has given a sign."""
        with self._lock:
            here = self._until.setdefault(room_id, {})
            if person in here or len(here) < MOST:
                here[person] = time.monotonic() + self._timing.typing
        self._some.set()

    def written(self, room_id: int, tags: Iterable[str]) -> None:
        """These have written what they typed."""
        here = self._until.get(room_id)
        if here is None:
            return
        gone = set(tags)
        with self._lock:
            for person in [person for person in here if person.tag in gone]:
                here.pop(person, None)

    def tick_once(self) -> None:
        """Show who types where that has changed; sleeps while nobody does."""
        self._some.wait()
        now = time.monotonic()
        for room_id, people in self._present(now).items():
            if people != self._shown.get(room_id, []):
                self._show(room_id, people)
        self._stopped.wait(self._timing.tick)

    def nudge(self) -> None:
        """Let :meth:`tick_once` return."""
        self._some.set()

    def _present(self, now: float) -> dict[int, list[Person]]:
        """Who types, of every room in which somebody did at the last look or does now."""
        with self._lock:
            rooms = self._until.keys() | self._shown.keys()
            self._until = {
                room_id: left
                for room_id, here in self._until.items()
                if (left := {person: until for person, until in here.items() if until > now})
            }
            if not self._until:
                self._some.clear()
            return {room_id: list(self._until.get(room_id, {}))[:SHOWN] for room_id in rooms}

    def _show(self, room_id: int, people: list[Person]) -> None:
        if people:
            self._shown[room_id] = people
        else:
            self._shown.pop(room_id, None)
        channel = self._hub.channels.get(room_id)
        if channel is None:
            return
        with self._hub.app.app_context():
            data = typing_frame(people)
        with self._hub.lock:
            listeners = list(channel.live)
        self._hub.send(listeners, data)
