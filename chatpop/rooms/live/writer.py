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
            self._hub.send(listeners, b"".join(frame.data for frame in frames))
            self._on_written(channel.room_id, [frame.author for frame in frames if frame.author])

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
