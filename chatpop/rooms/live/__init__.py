"""Live delivery: what happens in a room reaches everybody in it, once and in order.

``live`` is used like an extension. It does nothing until a process has its first reader.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Iterable
from contextlib import suppress

from flask import Flask, Response, request
from redis.exceptions import RedisError

from chatpop.extensions import db
from chatpop.rooms.history import LogEntry
from chatpop.rooms.live import facts, handover, processes
from chatpop.rooms.live.engine import Engine
from chatpop.rooms.live.presence import Board, Part, Person, Presence, merge
from chatpop.rooms.live.subscription import Subscription, Timing

__all__ = ["Live", "Person", "Presence", "Subscription", "Timing", "live"]


class Live:
    """The engine of the present process, made at the first reader, and after a fork anew."""

    def __init__(self) -> None:
        self._app: Flask | None = None
        self._engine: Engine | None = None

    def init_app(self, app: Flask) -> None:
        """Configuration: ``LIVE_TIMING`` (:class:`Timing`) and ``LIVE_MOST`` (streams of one process)."""
        self.shutdown()
        if self._app is None:
            atexit.register(self.shutdown)
            os.register_at_fork(after_in_child=self._forget)
        self._app = app
        self._starting = threading.Lock()
        self._board = Board(processes.new_id())

    def open(self, subscription: Subscription) -> Response:
        """The answer of a stream view; the view has authorised the reader.

        Raises ``TooManyStreams`` (429), ``ProcessFull`` and other ``ServiceAway`` (503).
        """
        if request.method == "HEAD":
            return handover.headers_only()
        db.session.remove()  # entering asks the database itself: many at once must not each hold one connection for it
        return self._started().open(subscription, request.environ)

    def announce(self, room_id: int, seq: int, kind: str, entry: LogEntry | None = None) -> None:
        """Tell everybody that the room's log has got to ``seq``; call it after the commit.

        Readers of this process are served without Redis; with ``entry`` also without a query.
        Never raises when Redis is away.
        """
        engine, fact = self._engine, facts.log_fact(room_id, seq, kind)
        if engine is None:
            facts.publish_now(fact)
            return
        engine.hub.tell(room_id, seq, entry)
        engine.publisher.tell(fact)

    def recheck(self, room_id: int) -> None:
        """Somebody's right to read the room may have ended (ban, log-out): ask again in a second."""
        fact = {"room": room_id, "kind": facts.ACCESS}
        if self._engine is None:
            facts.publish_now(fact)
            return
        self._engine.rounds.recheck(room_id)
        self._engine.publisher.tell(fact)

    def tell_state(self, room_id: int) -> None:
        """What holds in the room has changed: slow mode, closed to guests, its pinned message. After the commit."""
        fact = {"room": room_id, "kind": facts.STATE}
        if self._engine is None:
            facts.publish_now(fact)
            return
        self._engine.hub.look_at_states([room_id])
        self._engine.publisher.tell(fact)

    def tell_files(self, room_id: int, seq: int) -> None:
        """What hangs on the message looks otherwise: a small version has come, a file has gone. After the commit."""
        fact = facts.files_fact(room_id, seq)
        if self._engine is None:
            facts.publish_now(fact)
            return
        self._engine.hub.look_at_files(room_id, seq)
        self._engine.publisher.tell(fact)

    def tell_typing(self, room_id: int, tag: str, name: str) -> None:
        """Somebody types. Heard by way of Redis alone: while that is away, by nobody."""
        facts.publish_now(facts.typing_fact(room_id, tag, name))

    def people(self, room_id: int) -> Presence:
        """Who is in the room now; while Redis is away, as far as this process knows."""
        engine = self._engine
        channel = engine.hub.channels.get(room_id) if engine else None
        board = engine.board if engine else self._board
        others: list[Part] = channel.others if channel else []
        with suppress(RedisError):
            others = board.others(room_id)
        return merge([channel.own_part, *others] if channel else others)

    def tags(self, room_id: int) -> set[str]:
        """The tags of everybody who has the room open. Raises ``RedisError``."""
        engine = self._engine
        channel = engine.hub.channels.get(room_id) if engine else None
        parts = [*(engine.board if engine else self._board).others(room_id), *([channel.own_part] if channel else [])]
        return {person.tag for part in parts for person in part.people}

    def head_counts(self, room_ids: Iterable[int]) -> dict[int, int]:
        """People and readers of each room, at most a few seconds old, in one round trip."""
        wanted = list(room_ids)
        try:
            return self._board.counts(wanted)
        except RedisError:
            channels = self._engine.hub.channels if self._engine else {}
            known = {room_id: channels[room_id] for room_id in wanted if room_id in channels}
            return {room_id: merge([known[room_id].own_part]).count if room_id in known else 0 for room_id in wanted}

    def shutdown(self) -> None:
        """End all streams of this process; a server's exit does it by itself."""
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.stop()

    def _started(self) -> Engine:
        if self._app is None:
            raise RuntimeError("live delivery is not set up")
        with self._starting:
            if self._engine is None:
                self._engine = Engine(self._app)
            return self._engine

    def _forget(self) -> None:
        self._engine = None


live = Live()
