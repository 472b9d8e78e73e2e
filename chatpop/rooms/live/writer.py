"""The broadcaster: the one thread (under gevent, greenlet) that moves channels on and sends what is new."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable

from sqlalchemy.exc import SQLAlchemyError

from chatpop.rooms.live.channel import UNKNOWN, Channel
from chatpop.rooms.live.hub import BATCH, Hub
from chatpop.rooms.live.wire import Frame

log = logging.getLogger(__name__)

_PAUSE_SECONDS = 0.2
REST_SHARE = 3
"""A room to which writing took t seconds rests for so many times t: thousands of readers leave time for writers."""
MOST_REST_SECONDS = 0.05
LEAST_REST_SECONDS = 0.002
"""A shorter one is not worth a wait."""


class Writer:
    """All that has arrived for a room since its last turn goes out as one write a reader."""

    def __init__(self, hub: Hub, on_written: Callable[[int, Iterable[str]], None]) -> None:
        """``on_written`` is told the room and the tags of those whose messages go out."""
        self._hub = hub
        self._on_written = on_written

    def write_once(self) -> None:
        """Wait for news and broadcast all of it."""
        self._hub.news.wait()
        while (room_id := self._hub.news.take()) is not None:
            channel = self._hub.channels.get(room_id)
            if channel is None:
                continue
            try:
                self._advance(channel)
            except SQLAlchemyError as error:
                log.warning("The log of room %s can't be read: %s", room_id, type(error).__name__)
                time.sleep(_PAUSE_SECONDS)
                self._hub.tell(room_id, None)

    def _advance(self, channel: Channel) -> None:
        while True:
            with self._hub.lock:
                frames = channel.take_fresh()
            if not frames:
                frames = self._unseen(channel)
            if not frames:
                return
            with self._hub.lock:
                listeners = channel.advance(frames)
            began = time.monotonic()
            self._hub.send(listeners, b"".join(frame.data for frame in frames))
            self._on_written(channel.room_id, [frame.author for frame in frames if frame.author])
            if self._began_rest(channel, time.monotonic() - began):
                return

    def _began_rest(self, channel: Channel, seconds: float) -> bool:
        """Whether the room waits before it goes on, after writing has taken so long."""
        rest = min(REST_SHARE * seconds, MOST_REST_SECONDS)
        if rest < LEAST_REST_SECONDS or channel.check:
            return False
        channel.rests_until = time.monotonic() + rest
        self._hub.news.put_off(channel.room_id, channel.rests_until)
        return True

    def _unseen(self, channel: Channel) -> list[Frame]:
        """From the log, when it is known or feared to have gone on."""
        with self._hub.lock:
            position, known = channel.position, channel.known
            if position == UNKNOWN or not (channel.check or known > position):
                return []
            channel.check = False
            ready = dict(channel.fresh)
        frames = self._hub.read(channel, position, BATCH, ready)
        with self._hub.lock:
            if len(frames) == BATCH:
                channel.check = True
            elif not frames and channel.known == known:
                channel.known = position  # it was untrue; don't ask again
        return frames
