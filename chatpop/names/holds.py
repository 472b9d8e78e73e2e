"""Holds: names kept for a roller for a while, in Redis, never in the database.

A roller is ``visitor:<id>`` or ``user:<id>``. The end of a hold is written into its value by the
site's clock; Redis' own expiry only clears up behind it. All calls raise ``ServiceAway`` when
Redis is away: nothing is granted blindly.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from redis.exceptions import NoScriptError, RedisError

from chatpop.core import clock, redis_keys
from chatpop.core.errors import ServiceAway
from chatpop.extensions import redis_store
from chatpop.names.key import canonical_key
from chatpop.settings import registry

# KEYS: tray, then the hold of each candidate. ARGV: roller, now, end, seconds to live, then the names.
# Takes the first candidate that nobody else holds; returns its place from 1 (0 for none) and the tray, newest first.
_HOLD_FIRST_FREE = """
for place = 2, #KEYS do
  local value = redis.call('GET', KEYS[place])
  local holder, finish = nil, 0
  if value then holder, finish = string.match(value, '^(.*) ([%d.]+)$') end
  if not value or holder == ARGV[1] or tonumber(finish) <= tonumber(ARGV[2]) then
    redis.call('SET', KEYS[place], ARGV[1] .. ' ' .. ARGV[3], 'EX', ARGV[4])
    redis.call('ZADD', KEYS[1], ARGV[3], ARGV[place + 3])
    redis.call('EXPIRE', KEYS[1], ARGV[4])
    return {place - 1, redis.call('ZREVRANGEBYSCORE', KEYS[1], '+inf', '(' .. ARGV[2])}
  end
end
return {0}
"""
_HOLD_SHA = hashlib.sha1(_HOLD_FIRST_FREE.encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class Hold:
    """``roller`` holds the name; ``until`` in seconds since 1970."""

    roller: str
    until: float


def hold_first_free(roller: str, candidates: Sequence[str]) -> list[str]:
    """Hold the first of ``candidates`` that nobody else holds, atomically.

    All that ``roller`` holds then, the new name first; nothing if every candidate is held.
    """
    seconds = registry.ROLL_HOLD_SECONDS.get()
    now = clock.timestamp()
    keys = [redis_keys.tray(roller), *(redis_keys.held(canonical_key(name)) for name in candidates)]
    sent = [len(keys), *keys, roller, repr(now), repr(now + seconds), str(seconds), *candidates]
    try:
        answer = _hold(sent)
    except RedisError:
        raise ServiceAway from None
    if not answer[0]:
        return []
    held = candidates[answer[0] - 1]
    return [held, *(name for name in answer[1] if name != held)]


def _hold(sent: list[Any]) -> Any:
    """By the script's digest; the whole script only where this Redis has not seen it."""
    client = redis_store.client
    try:
        return client.evalsha(_HOLD_SHA, *sent)
    except NoScriptError:
        return client.eval(_HOLD_FIRST_FREE, *sent)


def tray(roller: str) -> list[str]:
    """The names that ``roller`` holds at present, newest first."""
    try:
        names = redis_store.client.zrangebyscore(redis_keys.tray(roller), f"({clock.timestamp()}", "+inf")
    except RedisError:
        raise ServiceAway from None
    return list(reversed(cast(list[str], names)))


def holder(name: str) -> Hold | None:
    """Who holds ``name`` (any spelling with its key) at present."""
    try:
        value = cast("str | None", redis_store.client.get(redis_keys.held(canonical_key(name))))
    except RedisError:
        raise ServiceAway from None
    return _read(value)


def holders(names: Sequence[str]) -> list[Hold | None]:
    """Like :func:`holder` for many names in one round trip."""
    if not names:
        return []
    try:
        values = redis_store.client.mget([redis_keys.held(canonical_key(name)) for name in names])
    except RedisError:
        raise ServiceAway from None
    return [_read(value) for value in cast("list[str | None]", values)]


def find_in_tray(roller: str, name: str) -> str | None:
    """The spelling under which ``roller`` rolled ``name``, compared by key; None if it is not in the tray."""
    key = canonical_key(name)
    return next((rolled for rolled in tray(roller) if canonical_key(rolled) == key), None)


def release(roller: str, name: str) -> None:
    """Give up the hold on one name (it has been claimed); the tray keeps no trace of it."""
    client = redis_store.client
    try:
        client.zrem(redis_keys.tray(roller), name)
        held = holder(name)
        if held is not None and held.roller == roller:
            client.delete(redis_keys.held(canonical_key(name)))
    except RedisError:
        raise ServiceAway from None


def hand_over(giver: str, taker: str) -> None:
    """Everything that ``giver`` holds is held by ``taker`` from now on (a visitor has become a guest)."""
    client: Any = redis_store.client
    now = clock.timestamp()
    try:
        entries = client.zrangebyscore(redis_keys.tray(giver), f"({now}", "+inf", withscores=True)
        if not entries:
            return
        pipe = client.pipeline(transaction=True)
        last = max(score for _, score in entries)
        pipe.zadd(redis_keys.tray(taker), dict(entries))
        pipe.expire(redis_keys.tray(taker), math.ceil(last - now))
        for name, score in entries:
            pipe.set(redis_keys.held(canonical_key(name)), f"{taker} {score!r}", ex=math.ceil(score - now))
        pipe.execute()
    except RedisError:
        raise ServiceAway from None


def _read(value: str | None) -> Hold | None:
    if value is None:
        return None
    roller, _, until = value.rpartition(" ")
    return Hold(roller, float(until)) if float(until) > clock.timestamp() else None
