"""Rate limits: buckets counted by Flask-Limiter's moving window, whose keys are the only counter.

``spend`` is all or nothing: one atomic script in Redis looks at every bucket before it charges the
first, so a refused request does not use up the others and does not lengthen any window, and N
parallel requests at a limit of M pass exactly M times.
"""

from __future__ import annotations

import hashlib
import math
import threading
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import cast

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter, RateLimiter
from redis.exceptions import NoScriptError, RedisError

from chatpop.core import clock
from chatpop.core.errors import ServiceAway, TooMany
from chatpop.extensions import limiter, redis_store

# KEYS: the moving windows (lists of moments, newest first). ARGV: now, then for each its limit and its length.
# An entry further ahead than its window is from before the clock was set back, and counts for nothing.
# The same entries under the same keys as the limiter's own script for one window, so that its reading holds.
# Returns the place of the window that refused (0 for none), the oldest entry of that one, else of the first,
# then the number of entries of every window.
_SPEND = """
local now, refused = tonumber(ARGV[1]), 0
for place = 1, #KEYS do
  local limit, length = tonumber(ARGV[place * 2]), tonumber(ARGV[place * 2 + 1])
  local entry = redis.call('LINDEX', KEYS[place], limit - 1)
  if entry and math.abs(now - tonumber(entry)) <= length then
    refused = place
    break
  end
end
if refused == 0 then
  for place = 1, #KEYS do
    redis.call('LPUSH', KEYS[place], ARGV[1])
    redis.call('LTRIM', KEYS[place], 0, tonumber(ARGV[place * 2]) - 1)
    redis.call('EXPIRE', KEYS[place], ARGV[place * 2 + 1])
  end
end
local told, answer = math.max(refused, 1), {refused, ARGV[1]}
for place = 1, #KEYS do
  local since = now - tonumber(ARGV[place * 2 + 1])
  local low, high, oldest = 0, redis.call('LLEN', KEYS[place]) - 1, ARGV[1]
  while low <= high do
    local middle = math.floor((low + high) / 2)
    local entry = redis.call('LINDEX', KEYS[place], middle)
    if tonumber(entry) >= since then
      low, oldest = middle + 1, entry
    else
      high = middle - 1
    end
  end
  answer[place + 2] = low
  if place == told then answer[2] = oldest end
end
return answer
"""

_SPEND_HASH = hashlib.sha1(_SPEND.encode(), usedforsecurity=False).hexdigest()

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


@dataclass(frozen=True, slots=True)
class Charge:
    """A bucket that was charged, or refused: ``reached`` is what has been used of it in its window.

    For one that refused it is one more than the bucket holds: at least that much was wanted.
    """

    bucket: Bucket
    reached: int
    is_refused: bool


class BucketEmpty(TooMany):
    """Raised by :func:`spend`; ``bucket`` is the one that refused."""

    def __init__(self, bucket: Bucket, allowance: Allowance) -> None:
        self.bucket = bucket
        super().__init__(limit=bucket.amount, retry_after=max(1, allowance.reset))


_memory_turn = threading.Lock()
spent: ContextVar[Allowance | None] = ContextVar("chatpop_spent", default=None)
"""The allowance that the answer's RateLimit headers tell; cleared at the start of each request."""
charges: ContextVar[tuple[Charge, ...]] = ContextVar("chatpop_charges", default=())
"""What this request has been charged to, for the figures; cleared at the start of each request."""


def spend(buckets: Sequence[Bucket], *, without_redis: bool = False) -> Allowance:
    """Charge one to every bucket; the first bucket's standing is returned and told in headers.

    Raises :class:`BucketEmpty` when one is empty, :class:`ServiceAway` when Redis is away, unless
    ``without_redis`` allows counting in this process at a quarter of the limits.
    """
    try:
        return _spend(buckets)
    except RedisError:
        if not without_redis:
            raise ServiceAway from None
    with _memory_turn:
        return _spend_here([_shrunk(bucket) for bucket in buckets])


def standing(bucket: Bucket) -> Allowance:
    """How a bucket stands, without charging it. Raises :class:`ServiceAway`."""
    try:
        return _standing(limiter.limiter, bucket)
    except RedisError:
        raise ServiceAway from None


def _spend(buckets: Sequence[Bucket]) -> Allowance:
    now, storage = clock.timestamp(), cast(RedisStorage, limiter.limiter.storage)
    keys = [storage.prefixed_key(bucket.item.key_for(bucket.what, bucket.who)) for bucket in buckets]
    limits = [str(number) for bucket in buckets for number in (bucket.amount, bucket.window)]
    refused, oldest, *counts = _run(len(keys), *keys, repr(now), *limits)
    place = max(refused, 1) - 1
    told, count = buckets[place], counts[place]
    _note(buckets, counts, buckets[place] if refused else None)
    wait = max(0, math.ceil(float(oldest) + told.window - now))
    return _tell(told, Allowance(told.amount, max(0, told.amount - count), min(wait, told.window)), refused > 0)


def _run(*arguments: str | int) -> tuple[int, str, *tuple[int, ...]]:
    """The script by its hash; by its text only where Redis does not know it yet."""
    try:
        answer = redis_store.client.evalsha(_SPEND_HASH, *arguments)  # type: ignore[arg-type]
    except NoScriptError:
        answer = redis_store.client.eval(_SPEND, *arguments)  # type: ignore[arg-type]
    return cast("tuple[int, str, *tuple[int, ...]]", answer)


def _note(buckets: Sequence[Bucket], counts: Sequence[int], refused: Bucket | None) -> None:
    found: tuple[Charge, ...]
    if refused is not None:
        found = (Charge(refused, refused.amount + 1, True),)
    else:
        found = tuple(Charge(bucket, count, False) for bucket, count in zip(buckets, counts, strict=True))
    charges.set(charges.get() + found)


@cache
def _memory() -> RateLimiter:
    """Made when Redis is away first: it begins with a thread, and none may be under way when the master forks."""
    return MovingWindowRateLimiter(MemoryStorage())


def _spend_here(buckets: Sequence[Bucket]) -> Allowance:
    """The same in this process's memory, under a lock; figures are left out, Redis would not take them."""
    memory = _memory()
    for bucket in buckets:
        if not memory.test(bucket.item, bucket.what, bucket.who):
            return _tell(bucket, _standing(memory, bucket), True)
    for bucket in buckets:
        memory.hit(bucket.item, bucket.what, bucket.who)
    return _tell(buckets[0], _standing(memory, buckets[0]), False)


def _tell(bucket: Bucket, allowance: Allowance, is_refused: bool) -> Allowance:
    spent.set(allowance)
    if is_refused:
        raise BucketEmpty(bucket, allowance)
    return allowance


def _standing(strategy: RateLimiter, bucket: Bucket) -> Allowance:
    stats = strategy.get_window_stats(bucket.item, bucket.what, bucket.who)
    wait = max(0, math.ceil(stats.reset_time - clock.timestamp()))
    return Allowance(bucket.amount, max(0, stats.remaining), min(wait, bucket.window))


def _shrunk(bucket: Bucket) -> Bucket:
    return Bucket(bucket.what, bucket.who, max(1, bucket.amount // FALLBACK_SHARE), bucket.window)
