"""Whether Redis answers. Who has waited for it in vain tells the whole process, and nobody else need wait.

One :class:`Pulse` a process; each client has a :class:`Patience` with it, which every command and every
connection of redis-py passes. While Redis is silent a single probe in the background asks it, no request does.
"""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Callable
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError, RedisError, TimeoutError
from redis.retry import Retry

PROBE_SECONDS = 0.5
"""Between two questions of the probe, and so at most between Redis' return and its use."""
PROBE_PATIENCE = 1.0
_FORGOTTEN_SECONDS = 5.0
"""A probe that has not asked for so long is gone (a fork has no threads): the next failure starts another one."""


class Pulse:
    """How long Redis has been silent, as far as this process knows."""

    def __init__(self) -> None:
        self._url = ""
        self._since: float | None = None
        self._probed_at = float("-inf")
        self._turn = 0

    def watch(self, url: str) -> None:
        """Of this Redis from now on, which is believed to answer. A probe of another one ends."""
        self._turn += 1
        self._url, self._since = url, None

    @property
    def silence(self) -> float | None:
        """Seconds for which Redis has said nothing; None while it answers."""
        since, now = self._since, time.monotonic()
        return None if since is None or now - self._probed_at > _FORGOTTEN_SECONDS else now - since

    def lost(self, since: float) -> None:
        """A command that began then found no Redis: from now on the probe alone asks, until it has an answer."""
        if self.silence is not None:
            return
        self._since, self._probed_at = since, time.monotonic()
        threading.Thread(target=self._probe, name="redis-pulse", daemon=True).start()

    def _probe(self) -> None:
        """Asks at once: a command that was slow by chance costs the others a few milliseconds."""
        turn = self._turn
        client = Redis.from_url(
            self._url,
            socket_connect_timeout=PROBE_PATIENCE,
            socket_timeout=PROBE_PATIENCE,
            retry=Retry(NoBackoff(), 0),
        )
        while turn == self._turn:
            self._probed_at = time.monotonic()
            try:
                client.ping()
            except RedisError:
                time.sleep(PROBE_SECONDS)
            else:
                self._since = self._since if turn != self._turn else None
                break
        client.close()


class Patience(Retry):
    """How long a client puts up with a silent Redis: it is not asked any more after ``most`` seconds.

    Nothing is sent twice. What was not answered may have been done, and a connection that has broken since its
    last use is found out before a command is sent.
    """

    def __init__(self, pulse: Pulse, most: float) -> None:
        super().__init__(NoBackoff(), 0)
        self._pulse = pulse
        self._most = most

    def __deepcopy__(self, memo: dict[int, Any]) -> Patience:
        """Each connection takes a copy of its own; the pulse stays one."""
        return copy.copy(self)

    def call_with_retry(self, do: Callable[[], Any], *arguments: Any, **named: Any) -> Any:
        """What every command, pipeline and connection is run by. Raises ``ConnectionError`` at once in a silence."""
        silence = self._pulse.silence
        if silence is not None and silence >= self._most:
            raise ConnectionError("Redis is away")
        begun = time.monotonic()
        try:
            return super().call_with_retry(do, *arguments, **named)
        except (ConnectionError, TimeoutError):
            self._pulse.lost(begun)
            raise
