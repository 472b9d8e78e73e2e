"""Facts about rooms between processes, by Redis publish/subscribe.

Facts are hints: one that is lost, doubled or late costs a look at the log and nothing else. So several
about one room become one (the highest seq), and while Redis is away the log is polled.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.client import PubSub
from redis.exceptions import RedisError
from redis.retry import Retry

from chatpop.core import redis_keys
from chatpop.extensions import redis_store

PEOPLE = "people"
ACCESS = "access"
STATE = "state"
TYPING = "typing"
"""Somebody types; the fact names their ``tag`` and ``name`` in the room."""
REST_SECONDS = 0.01
"""After facts were published: those of a busy room become one, which is cheaper to send and to hear."""
FILES = "files"
"""What hangs on a message looks otherwise; the fact names its ``message``."""


def log_fact(room_id: int, seq: int, kind: str) -> dict[str, Any]:
    return {"room": room_id, "seq": seq, "kind": kind}


def files_fact(room_id: int, seq: int) -> dict[str, Any]:
    return {"room": room_id, "kind": FILES, "message": seq}


def typing_fact(room_id: int, tag: str, name: str) -> dict[str, Any]:
    return {"room": room_id, "kind": TYPING, "tag": tag, "name": name}


def publish_now(fact: dict[str, Any]) -> None:
    """Tell the other processes at once; for processes without readers of their own. Never raises."""
    with suppress(RedisError):  # they poll the log
        redis_store.client.publish(redis_keys.room_events(fact["room"]), json.dumps(fact))


class Publisher:
    """Sends facts on behalf of requests, which don't wait for Redis."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._news = threading.Event()
        self._waiting: dict[tuple[str, str], dict[str, Any] | None] = {}

    def tell(self, fact: dict[str, Any]) -> None:
        group = "log" if "seq" in fact else f"{fact['kind']} {fact.get('message', '')}"
        key = (redis_keys.room_events(fact["room"]), group)
        with self._lock:
            before = self._waiting.get(key)
            if before is None or before.get("seq", 0) <= fact.get("seq", 0):
                self._waiting[key] = fact
        self._news.set()

    def wake(self, channel: str) -> None:
        with self._lock:
            self._waiting[(channel, "wake")] = None
        self._news.set()

    def publish_once(self) -> None:
        """Wait for facts and publish them, then rest; what Redis does not take is tried again."""
        self._news.wait()
        self._news.clear()
        try:
            self.flush()
            time.sleep(REST_SECONDS)
        except RedisError:
            time.sleep(1)
            self._news.set()

    def nudge(self) -> None:
        """Let :meth:`publish_once` return."""
        self._news.set()

    def flush(self) -> None:
        """Raises ``RedisError``; the facts are kept then."""
        with self._lock:
            taken, self._waiting = self._waiting, {}
        if not taken:
            return
        try:
            pipe = redis_store.client.pipeline(transaction=False)
            for (channel, _group), fact in taken.items():
                pipe.publish(channel, json.dumps(fact))
            pipe.execute()
        except RedisError:
            with self._lock:
                self._waiting = {**taken, **self._waiting}
            raise


class Subscriber:
    """Hears the facts of the rooms that have readers here; ``up`` while it can."""

    def __init__(
        self,
        process_id: str,
        quiet: float,
        wanted: Callable[[], Iterable[int]],
        heard: Callable[[dict[str, Any]], None],
        subscribed: Callable[[list[int]], None],
        stopped: threading.Event,
    ) -> None:
        """``subscribed`` is told the rooms whose facts come from now on: look for missed ones."""
        self.up = False
        self.changed = threading.Event()
        """Set it when other rooms are wanted; then publish to ``wake_channel``."""
        self.wake_channel = redis_keys.live_wake(process_id)
        self._quiet = quiet
        self._wanted = wanted
        self._heard = heard
        self._subscribed = subscribed
        self._stopped = stopped
        self._channels: dict[str, int] = {}
        self._unconfirmed: set[str] = set()

    def listen_once(self) -> None:
        """Subscribe and listen until Redis goes away; returns after a short random pause."""
        client = Redis.from_url(
            redis_store.url,
            decode_responses=True,
            socket_connect_timeout=1,
            socket_timeout=self._quiet,
            retry=Retry(NoBackoff(), 0),
        )
        pubsub: PubSub = client.pubsub()  # type: ignore[no-untyped-call]
        try:
            pubsub.subscribe(self.wake_channel)  # type: ignore[no-untyped-call]
            self._channels, self._unconfirmed = {}, set()
            self.changed.set()
            self._listen(pubsub)
        except (RedisError, OSError):
            self.up = False
            time.sleep(random.uniform(0.2, 1.0))  # noqa: S311  not all processes at once
        finally:
            self.up = False
            pubsub.close()
            client.close()

    def _listen(self, pubsub: PubSub) -> None:
        asked = False
        while not self._stopped.is_set():
            if self.changed.is_set():
                self.changed.clear()
                self._follow(pubsub)
            message = pubsub.get_message(timeout=self._quiet)
            if message is not None:
                asked = False
                self._handle(message)
            elif asked:
                raise RedisError("Redis gives no sign of life")
            else:
                asked = True
                pubsub.ping()

    def _follow(self, pubsub: PubSub) -> None:
        """Subscribe to what is wanted now, and to nothing else."""
        wanted = {redis_keys.room_events(room_id): room_id for room_id in self._wanted()}
        new = wanted.keys() - self._channels.keys()
        old = self._channels.keys() - wanted.keys()
        self._channels = wanted
        self._unconfirmed = (self._unconfirmed | new) - old
        if new:
            pubsub.subscribe(*new)  # type: ignore[no-untyped-call]
        if old:
            pubsub.unsubscribe(*old)  # type: ignore[no-untyped-call]

    def _handle(self, message: dict[str, Any]) -> None:
        if message["type"] == "subscribe":
            self.up = True
            self._unconfirmed.discard(message["channel"])
            if not self._unconfirmed and message["channel"] != self.wake_channel:
                self._subscribed(list(self._channels.values()))
        elif message["type"] == "message" and message["channel"] in self._channels:
            fact = _read(message["data"])
            if fact is not None:
                self._heard(fact)


def _read(text: str) -> dict[str, Any] | None:
    try:
        fact = json.loads(text)
    except ValueError:
        return None
    if not isinstance(fact, dict) or not isinstance(fact.get("room"), int):
        return None
    if isinstance(fact.get("seq"), int) or fact.get("kind") in (PEOPLE, ACCESS, STATE):
        return fact
    if fact.get("kind") == TYPING:
        return fact if isinstance(fact.get("tag"), str) and isinstance(fact.get("name"), str) else None
    return fact if fact.get("kind") == FILES and isinstance(fact.get("message"), int) else None
