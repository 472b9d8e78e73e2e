"""The parts of live delivery in one process, put together when its first reader comes."""

from __future__ import annotations

import resource
import threading
from contextlib import suppress
from typing import Any

from flask import Flask, Response
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from chatpop.rooms.live import handover, processes
from chatpop.rooms.live.admission import Admission
from chatpop.rooms.live.background import keep_doing
from chatpop.rooms.live.facts import ACCESS, FILES, PEOPLE, STATE, TYPING, Publisher, Subscriber
from chatpop.rooms.live.handover import Environ
from chatpop.rooms.live.hub import Hub
from chatpop.rooms.live.keeper import Keeper
from chatpop.rooms.live.listeners import Listener, QueueListener, SocketListener
from chatpop.rooms.live.peers import Peers
from chatpop.rooms.live.presence import Board, Person
from chatpop.rooms.live.rounds import Rounds
from chatpop.rooms.live.subscription import Subscription, Timing
from chatpop.rooms.live.typists import Typists
from chatpop.rooms.live.writer import Writer

MOST_LISTENERS = 20_000
SPARE_DESCRIPTORS = 256
"""Kept for pages, files and the database."""


class Engine:
    """Starts its background work at once; :meth:`stop` ends it and every stream."""

    def __init__(self, app: Flask) -> None:
        self.timing = timing = app.config.get("LIVE_TIMING") or Timing()
        self._stopped = threading.Event()
        process_id = processes.new_id()
        self.board = Board(process_id)
        self.publisher = Publisher()
        self.hub = Hub(app, self._rooms_changed, self._left)
        self._admission = Admission(process_id, app.config.get("LIVE_MOST") or _room_for())
        self._subscriber = Subscriber(
            process_id,
            timing.quiet,
            lambda: list(self.hub.channels),
            self._heard,
            self._subscribed,
            self._stopped,
        )
        self.rounds = Rounds(self.hub, timing, lambda: self._subscriber.up, self._stopped)
        self._keeper = Keeper(self.hub, self.board, self._admission, self.publisher, timing, self._stopped)
        self._typists = Typists(self.hub, timing, self._stopped)
        self._peers: Peers | None = None
        keep_doing("writer", Writer(self.hub, self._typists.written).write_once, self._stopped)
        keep_doing("publisher", self.publisher.publish_once, self._stopped)
        keep_doing("subscriber", self._subscriber.listen_once, self._stopped)
        keep_doing("rounds", self.rounds.tick_once, self._stopped)
        keep_doing("keeper", self._keeper.tick_once, self._stopped)
        keep_doing("typists", self._typists.tick_once, self._stopped)

    @property
    def peers(self) -> Peers:
        """The watcher of handed-over sockets; only where there is an event loop."""
        if self._peers is None:
            self._peers = Peers(self.hub.leave)
            keep_doing("peers", self._peers.watch_once, self._stopped)
        return self._peers

    def open(self, subscription: Subscription, environ: Environ) -> Response:
        """Enter a reader. Raises what ``Admission.admit`` and ``Hub.enter`` raise."""
        self._admission.admit(subscription.network)
        sock = handover.event_loop_socket(environ)
        if sock is not None:
            listener = SocketListener(subscription, self.peers.blocked)
            self.hub.enter(listener)
            return handover.HandedOver(self, listener, sock)
        queue = QueueListener(subscription, handover.thread_socket(environ))
        self.hub.enter(queue)
        return handover.Generated(self, queue)

    def stop(self) -> None:
        """End all streams at once; their readers come back to another process."""
        self._stopped.set()
        self.hub.end_all()
        if self._subscriber.up:
            with suppress(RedisError):  # it forgets this process by itself
                self._keeper.take_away()
                self._admission.sign_off()
                self.publisher.flush()
        self.hub.news.nudge()
        self.publisher.nudge()
        self._typists.nudge()

    def _rooms_changed(self) -> None:
        self._subscriber.changed.set()
        self.publisher.wake(self._subscriber.wake_channel)

    def _left(self, listener: Listener) -> None:
        self.rounds.remove(listener)
        self._admission.release(listener.subscription.network)
        if self._peers is not None and isinstance(listener, SocketListener):
            self._peers.remove(listener)

    def _heard(self, fact: dict[str, Any]) -> None:
        room_id = fact["room"]
        if fact["kind"] == ACCESS:
            self.rounds.recheck(room_id)
        elif fact["kind"] == PEOPLE:
            self.hub.look_at_people([room_id])
        elif fact["kind"] == STATE:
            self.hub.look_at_states([room_id])
        elif fact["kind"] == TYPING:
            self._typists.heard(room_id, Person(fact["tag"], fact["name"]))
        elif fact["kind"] == FILES:
            self.hub.look_at_files(room_id, fact["message"])
        else:
            self.hub.tell(room_id, fact["seq"])

    def _subscribed(self, room_ids: list[int]) -> None:
        self.hub.look_at_people(room_ids)
        self.hub.look_at_states(room_ids)
        with suppress(SQLAlchemyError):  # the next poll looks again
            self.hub.look(room_ids)


def _room_for() -> int:
    """How many streams this process has descriptors for."""
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return MOST_LISTENERS
    return max(1, min(MOST_LISTENERS, soft - SPARE_DESCRIPTORS))
