"""What recurs for every open stream: heartbeats, the right to read on, the end of its life, polling."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Hashable, Sequence

from sqlalchemy.exc import SQLAlchemyError

from chatpop.core import database
from chatpop.rooms.live.hub import Hub
from chatpop.rooms.live.listeners import Listener
from chatpop.rooms.live.subscription import Timing
from chatpop.rooms.live.wire import END, HEARTBEAT

log = logging.getLogger(__name__)

CHECKS_PER_TURN = 64


class Rounds:
    """Streams are dealt to slots, one slot a tick, so that the work is even."""

    def __init__(self, hub: Hub, timing: Timing, is_redis_up: Callable[[], bool], stopped: threading.Event) -> None:
        self._hub = hub
        self._timing = timing
        self._is_redis_up = is_redis_up
        self._stopped = stopped
        self._slots: list[dict[Listener, None]] = [{} for _ in range(timing.beats)]
        self._turn = 0
        self._dealt = 0
        self._rechecks: set[int] = set()
        self._polled_at = time.monotonic()

    def add(self, listener: Listener) -> None:
        """Take care of a live stream from now on."""
        timing = self._timing
        jitter = random.uniform(-timing.life_jitter, timing.life_jitter)  # noqa: S311
        with self._hub.lock:
            if listener.channel is None:
                return
            self._dealt += 1
            listener.slot = self._dealt % timing.beats
            listener.ends_at = time.monotonic() + timing.life + jitter
            self._slots[listener.slot][listener] = None

    def remove(self, listener: Listener) -> None:
        with self._hub.lock:
            self._slots[listener.slot].pop(listener, None)

    def recheck(self, room_id: int) -> None:
        """Ask at the next tick whether the room's streams may go on."""
        self._rechecks.add(room_id)

    def tick_once(self) -> None:
        started = time.monotonic()
        self._recheck_rooms()
        self._turn = (self._turn + 1) % self._timing.beats
        with self._hub.lock:
            due = list(self._slots[self._turn])
        self._end_old(due, started)
        self._end_forbidden(due)
        self._hub.send(due, HEARTBEAT)
        self._poll(started)
        self._show_states()
        self._stopped.wait(max(0.0, self._timing.tick - (time.monotonic() - started)))

    def _recheck_rooms(self) -> None:
        rooms, self._rechecks = self._rechecks, set()
        for room_id in rooms:
            with self._hub.lock:
                channel = self._hub.channels.get(room_id)
                listeners = list(channel.live) if channel else []
            self._end_forbidden(listeners)

    def _end_old(self, listeners: Sequence[Listener], now: float) -> None:
        """A browser comes back by itself, and is recognised anew."""
        for listener in listeners:
            if listener.ends_at < now:
                self._hub.leave(listener)

    def _end_forbidden(self, listeners: Sequence[Listener]) -> None:
        answers: dict[Hashable, bool] = {}
        for start in range(0, len(listeners), CHECKS_PER_TURN):
            with self._hub.app.app_context(), database.reading():
                for listener in listeners[start : start + CHECKS_PER_TURN]:
                    if not _may_go_on(listener, answers):
                        listener.push(END)
                        self._hub.leave(listener)
            time.sleep(0)

    def _poll(self, now: float) -> None:
        """Facts can get lost; while Redis is away they all do."""
        wait = self._timing.poll_up if self._is_redis_up() else self._timing.poll_down
        if now - self._polled_at < wait * random.uniform(0.75, 1.0):  # noqa: S311
            return
        self._polled_at = now
        try:
            self._hub.look(list(self._hub.channels))
        except SQLAlchemyError as error:
            log.warning("The rooms can't be polled: %s", type(error).__name__)
        self._hub.look_at_states(list(self._hub.channels))

    def _show_states(self) -> None:
        """Slow mode, closed to guests, a pinned message: within a tick of the fact, or at the next poll.

        And small versions of pictures, within a tick; a page that hears nothing of one asks by itself.
        """
        try:
            self._hub.show_states()
            self._hub.show_files()
        except SQLAlchemyError as error:
            log.warning("The rooms' states can't be read: %s", type(error).__name__)


def _may_go_on(listener: Listener, answers: dict[Hashable, bool]) -> bool:
    subscription = listener.subscription
    if listener.channel is None:
        return True
    key = (subscription.room_id, subscription.audience) if subscription.audience else listener
    if key not in answers:
        try:
            answers[key] = subscription.allowed()
        except SQLAlchemyError:
            return True  # the database is away: nobody can say, and nothing new can be read
    return answers[key]
