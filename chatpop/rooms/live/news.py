"""What the writer has to look at next, and when."""

from __future__ import annotations

import threading
import time


class News:
    """Rooms whose log has gone on, or may have; a room that rests waits for its time."""

    def __init__(self) -> None:
        self._rooms: dict[int, float] = {}
        """By id, the moment (monotonic) before which the room is not taken."""
        self._lock = threading.Lock()
        self._some = threading.Event()

    def add(self, room_id: int, due: float = 0.0) -> None:
        with self._lock:
            self._rooms.setdefault(room_id, due)
        self._some.set()

    def put_off(self, room_id: int, due: float) -> None:
        """Let the room wait until ``due``, if there is something about it."""
        with self._lock:
            if room_id in self._rooms:
                self._rooms[room_id] = due

    def wait(self) -> None:
        """Until a room is due, something comes, or somebody calls :meth:`nudge`."""
        with self._lock:
            due = min(self._rooms.values(), default=None)
        self._some.wait(None if due is None else max(0.0, due - time.monotonic()))
        self._some.clear()

    def nudge(self) -> None:
        self._some.set()

    def take(self) -> int | None:
        """Of those that are due the one that waits longest."""
        now = time.monotonic()
        with self._lock:
            room_id = next((room_id for room_id, due in self._rooms.items() if due <= now), None)
            if room_id is not None:
                del self._rooms[room_id]
        return room_id
