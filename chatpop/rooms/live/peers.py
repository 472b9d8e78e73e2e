"""Watches the other ends of handed-over sockets: who has hung up, who can take more.

One epoll object for all sockets, watched by one watcher of gevent's loop: an idle reader costs no
greenlet and no watcher. Where there is no epoll, blocked readers are tried again every tenth of a second
and lost ones show at the next heartbeat.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable
from typing import Any

from gevent import get_hub, monkey  # type: ignore[import-untyped]

from chatpop.rooms.live.listeners import SocketListener

_RETRY_SECONDS = 0.1


class Peers:
    """Belongs to the event loop's thread. ``on_lost`` is called for readers that are gone."""

    def __init__(self, on_lost: Callable[[SocketListener], None]) -> None:
        self._on_lost = on_lost
        self._by_fd: dict[int, SocketListener] = {}
        self._blocked: set[SocketListener] = set()
        self._epoll = _real_epoll()

    def add(self, listener: SocketListener) -> None:
        self._by_fd[listener.fd] = listener
        if self._epoll is not None:
            self._epoll.register(listener.fd, select.EPOLLRDHUP | select.EPOLLHUP)

    def remove(self, listener: SocketListener) -> None:
        """Before the descriptor is closed: its number may be another reader's at once."""
        self._blocked.discard(listener)
        if self._by_fd.get(listener.fd) is listener:
            del self._by_fd[listener.fd]
            if self._epoll is not None:
                self._epoll.unregister(listener.fd)

    def blocked(self, listener: SocketListener) -> None:
        """The reader has a backlog: write on when its socket takes more."""
        self._blocked.add(listener)
        if self._epoll is not None:
            self._epoll.modify(listener.fd, select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLOUT)

    def watch_once(self) -> None:
        """Wait for something to happen to any socket and deal with it."""
        if self._epoll is None:
            time.sleep(_RETRY_SECONDS)
            for listener in list(self._blocked):
                self._flush(listener)
            return
        hub = get_hub()
        watcher = hub.loop.io(self._epoll.fileno(), 1)
        try:
            hub.wait(watcher)
        finally:
            watcher.close()
        for fd, events in self._epoll.poll(0, 1024):
            found = self._by_fd.get(fd)
            if found is not None and events & ~select.EPOLLOUT:
                self._on_lost(found)
            elif found is not None:
                self._flush(found)

    def _flush(self, listener: SocketListener) -> None:
        if not listener.flush():
            self._on_lost(listener)
        elif listener.backlog is None:
            self._blocked.discard(listener)
            if self._epoll is not None:
                self._epoll.modify(listener.fd, select.EPOLLRDHUP | select.EPOLLHUP)


def _real_epoll() -> Any:
    """gevent takes ``select.epoll`` away because waiting on it blocks; we only poll."""
    try:
        return monkey.get_original("select", "epoll")()
    except AttributeError:
        return None
