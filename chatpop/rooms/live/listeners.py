"""Readers of a stream: one writes to a socket of its own, the other feeds a generator.

``push`` never blocks. What a reader does not take is kept up to a bound; beyond it the reader is
dropped and resumes with Last-Event-ID. Both are cheap when idle: no thread, no greenlet, no queue.
"""

from __future__ import annotations

import os
import socket
import threading
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from chatpop.rooms.live.subscription import Subscription

if TYPE_CHECKING:
    from chatpop.rooms.live.channel import Channel
    from chatpop.rooms.live.presence import Person

BACKLOG_BYTES = 262_144
_CLOSED = -1


class Listener:
    """What the hub knows of a reader. ``sent`` is the last seq given to it while it catches up."""

    __slots__ = ("channel", "ends_at", "sent", "slot", "subscription")

    def __init__(self, subscription: Subscription) -> None:
        self.subscription = subscription
        self.channel: Channel | None = None
        self.sent = 0
        self.slot = 0
        self.ends_at = 0.0

    @property
    def person(self) -> Person | None:
        return self.subscription.who

    def push(self, data: bytes) -> bool:
        """Give whole frames to the reader; False when it is gone or too slow."""
        raise NotImplementedError

    def close(self) -> None:
        """End the reader's stream; may be called twice."""
        raise NotImplementedError


class SocketListener(Listener):
    """Writes to a non-blocking descriptor that it owns; for one event loop, not for threads."""

    __slots__ = ("_on_blocked", "backlog", "fd")

    def __init__(self, subscription: Subscription, on_blocked: Callable[[SocketListener], None]) -> None:
        super().__init__(subscription)
        self._on_blocked = on_blocked
        self.fd = _CLOSED
        self.backlog: bytearray | None = None

    def attach(self, fd: int) -> None:
        self.fd = fd

    def push(self, data: bytes) -> bool:
        if self.backlog is not None:
            self.backlog += data
            return len(self.backlog) <= BACKLOG_BYTES
        try:
            written = os.write(self.fd, data)
        except BlockingIOError:
            written = 0
        except OSError:
            return False
        if written < len(data):
            self.backlog = bytearray(data[written:])
            self._on_blocked(self)
            return len(self.backlog) <= BACKLOG_BYTES
        return True

    def flush(self) -> bool:
        """Write on after the descriptor has become writable; False when the reader is gone."""
        if self.backlog is None or self.fd == _CLOSED:
            return self.fd != _CLOSED
        try:
            del self.backlog[: os.write(self.fd, self.backlog)]
        except BlockingIOError:
            return True
        except OSError:
            return False
        if not self.backlog:
            self.backlog = None
        return True

    def close(self) -> None:
        fd, self.fd, self.backlog = self.fd, _CLOSED, None
        if fd != _CLOSED:
            os.close(fd)


class QueueListener(Listener):
    """Keeps frames until a generator takes them, all that wait at once; safe for threads."""

    __slots__ = ("_bytes", "_closed", "_news", "_peer", "_waiting")

    def __init__(self, subscription: Subscription, peer: socket.socket | None) -> None:
        super().__init__(subscription)
        self._peer = peer
        self._news = threading.Condition()
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._closed = False

    def push(self, data: bytes) -> bool:
        with self._news:
            if self._closed or self._bytes + len(data) > BACKLOG_BYTES:
                return False
            self._waiting.append(data)
            self._bytes += len(data)
            self._news.notify()
            return True

    def take(self, seconds: float) -> bytes | None:
        """What waits, joined, after at most ``seconds`` (then empty); None at the end."""
        with self._news:
            if not self._waiting and not self._closed:
                self._news.wait(seconds)
            if self._waiting:
                data = b"".join(self._waiting)
                self._waiting.clear()
                self._bytes = 0
                return data
            return None if self._closed or self._peer_is_gone() else b""

    def close(self) -> None:
        with self._news:
            self._closed = True
            self._news.notify()

    def _peer_is_gone(self) -> bool:
        """Where the server shows its socket, a look at it is quicker than a failing heartbeat."""
        if self._peer is None:
            return False
        try:
            return self._peer.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except BlockingIOError:
            return False
        except ValueError:  # a TLS socket takes no flags
            return False
        except OSError:
            return True
