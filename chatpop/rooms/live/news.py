"""What the writer has to look at next."""

from __future__ import annotations

import threading


class News:
    """Rooms whose log has gone on, or may have."""

    def __init__(self) -> None:
        self._rooms: dict[int, None] = {}
        self._lock = threading.Lock()
        self._some = threading.Event()

    def add(self, room_id: int) -> None:
        with self._lock:
            self._rooms[room_id] = None
        self._some.set()

    def wait(self) -> None:
        """Until there are some, or somebody calls :meth:`nudge`."""
        self._some.wait()
        self._some.clear()

    def nudge(self) -> None:
        self._some.set()

    def take(self) -> int | None:
        """The one that waits longest."""
        with self._lock:
            room_id = next(iter(self._rooms), None)
            if room_id is not None:
                del self._rooms[room_id]
        return room_id
