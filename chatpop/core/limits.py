"""Rate limits: buckets counted by Flask-Limiter's moving window, whose keys are the only counter.

``spend`` is all or nothing as far as counting can be: every bucket is looked at before the first
is charged, so a refused request does not use up the others and does not lengthen any window.
Each charge itself is one atomic script in Redis: N parallel requests at a limit of M pass M times.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter, RateLimiter
from redis.exceptions import RedisError

from chatpop.core import clock
from chatpop.core.errors import ServiceAway, TooMany
from chatpop.extensions import limiter

FALLBACK_SHARE = 4
"""While Redis is away each process counts alone, with a quarter of the limit (SECURITY, row 52)."""


class _Window(RateLimitItemPerSecond):
    """A limit whose counter keeps its key when an operator changes the number."""

    def key_for(self, *identifiers: bytes | str | float) -> str:
        return "/".join([self.namespace, *(str(part) for part in identifiers), str(self.multiples)])


@dataclass(frozen=True, slots=True)
class Bucket:
    """At most ``amount`` of ``what`` by ``who`` in any ``window`` seconds."""

    what: str
    who: str
    amount: int
    window: int

    @property
    def item(self) -> _Window:
        return _Window(self.amount, self.window)


@dataclass(frozen=True, slots=True)
class Allowance:
    """How a bucket stands: ``remaining`` of ``limit``, ``reset`` seconds until the oldest falls out."""

    limit: int
    remaining: int
    reset: int


class BucketEmpty(TooMany):
    """Raised by :func:`spend`; ``bucket`` is the one that refused."""

    def __init__(self, bucket: Bucket, allowance: Allowance) -> None:
        self.bucket = bucket
        super().__init__(limit=bucket.amount, retry_after=max(1, allowance.reset))


_memory = MovingWindowRateLimiter(MemoryStorage())
_memory_turn = threading.Lock()
spent: ContextVar[Allowance | None] = ContextVar("chatpop_spent", default=None)
"""The allowance that the answer's RateLimit headers tell; cleared at the start of each request."""


def spend(buckets: Sequence[Bucket], *, without_redis: bool = False) -> Allowance:
    """Charge one to every bucket; the first bucket's standing is returned and told in headers.

    Raises :class:`BucketEmpty` when one is empty, :class:`ServiceAway` when Redis is away, unless
    ``without_redis`` allows counting in this process at a quarter of the limits.
    """
    try:
        return _spend(limiter.limiter, buckets)
    except RedisError:
        if not without_redis:
            raise ServiceAway from None
    with _memory_turn:
        return _spend(_memory, [_shrunk(bucket) for bucket in buckets])


def standing(bucket: Bucket) -> Allowance:
    """How a bucket stands, without charging it. Raises :class:`ServiceAway`."""
    try:
        return _standing(limiter.limiter, bucket)
    except RedisError:
        raise ServiceAway from None


def _spend(strategy: RateLimiter, buckets: Sequence[Bucket]) -> Allowance:
    for bucket in buckets[1:]:
        if not strategy.test(bucket.item, bucket.what, bucket.who):
            _refuse(strategy, bucket)
    for bucket in buckets:
        if not strategy.hit(bucket.item, bucket.what, bucket.who):
            _refuse(strategy, bucket)
    allowance = _standing(strategy, buckets[0])
    spent.set(allowance)
    return allowance


def _refuse(strategy: RateLimiter, bucket: Bucket) -> None:
    allowance = _standing(strategy, bucket)
    spent.set(allowance)
    raise BucketEmpty(bucket, allowance)


def _standing(strategy: RateLimiter, bucket: Bucket) -> Allowance:
    stats = strategy.get_window_stats(bucket.item, bucket.what, bucket.who)
    wait = max(0, math.ceil(stats.reset_time - clock.timestamp()))
    return Allowance(bucket.amount, max(0, stats.remaining), min(wait, bucket.window))


def _shrunk(bucket: Bucket) -> Bucket:
    return Bucket(bucket.what, bucket.who, max(1, bucket.amount // FALLBACK_SHARE), bucket.window)
