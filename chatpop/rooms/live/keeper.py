"""Keeps who is here, and this process's numbers in Redis, up to date."""

from __future__ import annotations

import logging
import threading
import time

from redis.exceptions import RedisError

from chatpop.rooms.live.admission import Admission
from chatpop.rooms.live.channel import Channel
from chatpop.rooms.live.facts import PEOPLE, Publisher
from chatpop.rooms.live.hub import Hub
from chatpop.rooms.live.presence import Board, Part, Presence, merge
from chatpop.rooms.live.subscription import Timing
from chatpop.rooms.live.wire import people_frame

log = logging.getLogger(__name__)

LISTENERS_PER_SECOND = 1_000
"""In a room of n thousand readers the list changes at most every n seconds: the cost of a join stays flat."""


class Keeper:
    """Joins and leaves of one tick become one write and one event a room."""

    def __init__(
        self,
        hub: Hub,
        board: Board,
        admission: Admission,
        publisher: Publisher,
        timing: Timing,
        stopped: threading.Event,
    ) -> None:
        self._hub = hub
        self._board = board
        self._admission = admission
        self._publisher = publisher
        self._timing = timing
        self._stopped = stopped
        self._beat_at = float("-inf")
        self._written: dict[int, Part] = {}

    def tick_once(self) -> None:
        started = time.monotonic()
        try:
            self._admission.flush()
            if started - self._beat_at >= self._timing.part_beat:
                self._admission.sign_of_life()
        except RedisError:
            pass  # this process's own numbers decide meanwhile
        self._show(self._due(started))
        self._stopped.wait(max(0.0, self._timing.tick - (time.monotonic() - started)))

    def take_away(self) -> None:
        """Remove this process from all rooms at its end. Raises ``RedisError``."""
        gone = dict.fromkeys(self._written)
        self._written = {}
        self._tell(gone, self._board.exchange(gone))

    def _due(self, now: float) -> list[int]:
        """Rooms to show anew: changed ones whose turn it is, and all at a heartbeat."""
        with self._hub.lock:
            channels = self._hub.channels
            if now - self._beat_at >= self._timing.part_beat:
                self._beat_at = now
                self._hub.people_changed.update(channels)
            due = [
                room_id
                for room_id in self._hub.people_changed
                if room_id not in channels or channels[room_id].people_due <= now
            ]
            self._hub.people_changed.difference_update(due)
        return due

    def _show(self, due: list[int]) -> None:
        if not due:
            return
        with self._hub.lock:
            open_channels = {room_id: self._hub.channels.get(room_id) for room_id in due}
            own = {room_id: channel.own_part if channel else None for room_id, channel in open_channels.items()}
        try:
            others = self._board.exchange(own)
            self._tell(own, others)
        except RedisError:
            others = {}
            with self._hub.lock:
                self._hub.people_changed.update(due)
        for room_id, channel in open_channels.items():
            part = own[room_id]
            if channel is not None and part is not None:
                if room_id in others:
                    channel.others = others[room_id]
                self._show_in(channel, merge([part, *channel.others]))

    def _tell(self, own: dict[int, Part | None], others: dict[int, list[Part]]) -> None:
        """Head counts for the home page, and a fact to the other processes where ours has changed."""
        counts = {}
        for room_id, part in own.items():
            counts[room_id] = merge([*([part] if part else []), *others[room_id]]).count
            if self._written.get(room_id) != part:
                self._publisher.tell({"room": room_id, "kind": PEOPLE})
            if part is None:
                self._written.pop(room_id, None)
            else:
                self._written[room_id] = part
        if counts:
            self._board.tell_counts(counts)

    def _show_in(self, channel: Channel, presence: Presence) -> None:
        if presence == channel.shown:
            return
        with self._hub.app.app_context():
            data = people_frame(presence, channel.code)
        with self._hub.lock:
            channel.shown, channel.people_data = presence, data
            channel.people_due = time.monotonic() + self._timing.tick * (1 + len(channel.live) / LISTENERS_PER_SECOND)
            listeners = list(channel.live)
        self._hub.send(listeners, data)
