"""How many streams may be open: in this process, and from one network in all processes.

Each process keeps its number for a network in the hash ``streams:{network}``. The numbers of processes
that are no more don't count: they gave no sign of life for a while, or ran on this host and are gone.
"""

from __future__ import annotations

import threading
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from chatpop.core import redis_keys
from chatpop.core.errors import ServiceAway, TooMany
from chatpop.extensions import redis_store
from chatpop.rooms.live import processes
from chatpop.rooms.live.presence import STALE_SECONDS
from chatpop.settings.registry import MAX_STREAMS_PER_NETWORK

RETRY_SECONDS = 30
_KEPT_SECONDS = 900
"""More than a stream lives, so an open one never falls out of the count."""


class TooManyStreams(TooMany):
    code = "too_many_streams"
    sentence = "Too many live views are open from your network. Please close one, or wait a moment."


class ProcessFull(ServiceAway):
    code = "process_full"
    sentence = "This site is very busy. Please try again in a moment."


class Admission:
    """Counts the open streams. While Redis is away this process's own number alone decides."""

    def __init__(self, process_id: str, most: int) -> None:
        self._process_id = process_id
        self._most = most
        self._lock = threading.Lock()
        self._total = 0
        self._counts: dict[str, int] = {}
        self._changed: set[str] = set()

    def admit(self, network: str) -> None:
        """Count one more stream. Raises :class:`TooManyStreams` or :class:`ProcessFull`."""
        limit = MAX_STREAMS_PER_NETWORK.get()
        with self._lock:
            if self._total >= self._most:
                raise ProcessFull
            self._total += 1
            own = self._counts[network] = self._counts.get(network, 0) + 1
        try:
            if own > limit or own + self._elsewhere(network, own, limit) > limit:
                raise TooManyStreams(limit=limit, retry_after=RETRY_SECONDS)
        except BaseException:
            self.release(network)
            raise

    def release(self, network: str) -> None:
        with self._lock:
            if network not in self._counts:
                return  # the process has signed off meanwhile
            self._total -= 1
            self._counts[network] -= 1
            if not self._counts[network]:
                del self._counts[network]
            self._changed.add(network)

    def flush(self) -> None:
        """Write what has fallen since. Raises ``RedisError``; it is written later then."""
        with self._lock:
            taken, self._changed = self._changed, set()
            counts = {network: self._counts.get(network, 0) for network in taken}
        if not counts:
            return
        try:
            pipe = redis_store.client.pipeline(transaction=False)
            for network, count in counts.items():
                key = redis_keys.network_streams(network)
                if count:
                    pipe.hset(key, self._process_id, str(count))
                    pipe.expire(key, _KEPT_SECONDS)
                else:
                    pipe.hdel(key, self._process_id)
            pipe.execute()
        except RedisError:
            with self._lock:
                self._changed |= taken
            raise

    def sign_of_life(self) -> None:
        """Tell the others that this process's numbers count. Raises ``RedisError``."""
        now = _redis_now(redis_store.client)
        pipe = redis_store.client.pipeline(transaction=False)
        pipe.zadd(redis_keys.live_processes(), {self._process_id: now})
        pipe.zremrangebyscore(redis_keys.live_processes(), "-inf", now - _KEPT_SECONDS)
        pipe.execute()

    def sign_off(self) -> None:
        """Take this process's numbers away at its end. Raises ``RedisError``."""
        with self._lock:
            self._changed |= self._counts.keys()
            self._counts.clear()
            self._total = 0
        redis_store.client.zrem(redis_keys.live_processes(), self._process_id)
        self.flush()

    def _elsewhere(self, network: str, own: int, limit: int) -> int:
        """Store our number; the sum of the others', exact only when it matters."""
        key = redis_keys.network_streams(network)
        try:
            pipe = redis_store.brief.pipeline(transaction=False)
            pipe.hset(key, self._process_id, str(own))
            pipe.expire(key, _KEPT_SECONDS)
            pipe.hgetall(key)
            found: dict[str, str] = pipe.execute()[-1]
            found.pop(self._process_id, None)
            total = sum(map(int, found.values()))
            if own + total <= limit:
                return total
            gone = self._gone(found)
            if gone:
                redis_store.brief.hdel(key, *gone)
            return sum(int(count) for process_id, count in found.items() if process_id not in gone)
        except RedisError:
            self._changed.add(network)
            return 0

    def _gone(self, process_ids: dict[str, str]) -> set[str]:
        since = _redis_now(redis_store.brief) - STALE_SECONDS
        alive = set(redis_store.brief.zrangebyscore(redis_keys.live_processes(), since, "+inf"))  # type: ignore[arg-type]
        return {
            process_id
            for process_id in process_ids
            if process_id not in alive or processes.is_gone(process_id, self._process_id)
        }


def _redis_now(client: Redis) -> float:
    moment: Any = client.time()
    return float(moment[0])
