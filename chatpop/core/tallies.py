"""Counts of what happens on the site: added up in the process, carried to Redis each second in the background.

Counting costs a request no round trip and waits for nothing; a process that is killed loses the last second.
All processes on all hosts add to the same counters, so any of them can tell the sums.
"""

from __future__ import annotations

import atexit
import os
import secrets
import threading
from contextlib import suppress
from typing import cast

from redis.client import Pipeline
from redis.exceptions import RedisError

from chatpop.core import clock, redis_keys
from chatpop.core.keys import keyed_tag
from chatpop.extensions import redis_store

CARRY_SECONDS = 1.0
DAY_KEPT_SECONDS = 40 * 86_400
SALT_KEPT_SECONDS = 26 * 3600
"""Of a day's salt: the day, and time for a flush that had to wait for Redis."""
PEAKS_KEPT_SECONDS = 26 * 3600
MOST_WAITING = 100_000
"""Visitors and peaks kept while Redis is away; more are not counted."""
MOST_PEAKS = 20_000
"""Peaks kept for one limit and hour, the highest ones."""

_turn = threading.Lock()
_carrying = threading.Lock()
"""Held by a flush, so that another one returns only when the first one's counts have arrived."""
_counts: dict[str, int] = {}
_of_days: dict[tuple[str, str], int] = {}
_seen: dict[str, set[str]] = {}
_peaks: dict[tuple[str, str], dict[str, int]] = {}
_salts: dict[str, bytes] = {}
_carrier: list[threading.Thread] = []
_ended = threading.Event()


def count(name: str, *labels: str, amount: int = 1) -> None:
    """Add to a counter of ``core.metrics``; labels are few fixed words, never names or addresses."""
    field = "|".join((name, *labels))
    with _turn:
        _counts[field] = _counts.get(field, 0) + amount
    _carry()


def count_of_day(kind: str) -> None:
    """Add one to a figure of the present day."""
    key = (today(), kind)
    with _turn:
        _of_days[key] = _of_days.get(key, 0) + 1
    _carry()


def see(browser: str) -> None:
    """Count a browser as one of the day's visitors; what is kept is a keyed hash in a HyperLogLog.

    The key is thrown away with the day, so nobody can be followed from one day to the next, or found.
    """
    with _turn:
        seen = _seen.setdefault(today(), set())
        if len(seen) < MOST_WAITING:
            seen.add(browser)
    _carry()


def note_peak(limit: str, unit: str, who: str, reached: int) -> None:
    """How much of a limit somebody has used in one window: the highest of each hour is kept for a day.

    ``unit`` is what is counted (``guest``, ``member``, ``visitor``, ``network``); ``who`` is stored as a keyed hash.
    """
    key, member = (limit, this_hour()), f"{unit}|{who}"
    with _turn:
        peaks = _peaks.setdefault(key, {})
        if member in peaks or len(peaks) < MOST_WAITING:
            peaks[member] = max(peaks.get(member, 0), reached)
    _carry()


def today() -> str:
    return clock.now().date().isoformat()


def this_hour() -> str:
    return clock.now().strftime("%Y-%m-%dT%H")


def flush() -> None:
    """Carry what has been counted to Redis, in one round trip. Raises ``RedisError``; nothing is lost then."""
    with _carrying:
        with _turn:
            taken = (dict(_counts), dict(_of_days), dict(_seen), dict(_peaks))
            for store in (_counts, _of_days, _seen, _peaks):
                store.clear()
        if not any(taken):
            return
        try:
            client = redis_store.client  # held: one that a new site replaces would be closed under our hands
            pipe = client.pipeline()
            _write(pipe, *taken)
            pipe.execute()
        except RedisError:
            _put_back(*taken)
            raise


def forget() -> None:
    """Drop what has not been carried yet; for a process that begins anew. Waits for a flush under way."""
    with _carrying:
        for store in (_counts, _of_days, _seen, _peaks, _salts):
            store.clear()


def counters() -> dict[str, int]:
    """Every counter with its labels, as the whole site has counted. Raises ``RedisError``."""
    found = cast("dict[str, str]", redis_store.client.hgetall(redis_keys.tallies()))
    return {field: int(number) for field, number in found.items()}


def _write(
    pipe: Pipeline,
    counts: dict[str, int],
    of_days: dict[tuple[str, str], int],
    seen: dict[str, set[str]],
    peaks: dict[tuple[str, str], dict[str, int]],
) -> None:
    for field, amount in counts.items():
        pipe.hincrby(redis_keys.tallies(), field, amount)
    for (day, kind), amount in of_days.items():
        pipe.hincrby(redis_keys.day_tallies(day), kind, amount)
        pipe.expire(redis_keys.day_tallies(day), DAY_KEPT_SECONDS)
    for day, browsers in seen.items():
        salt = _salt(day)
        pipe.pfadd(redis_keys.day_visitors(day), *(keyed_tag(salt, browser, length=24) for browser in browsers))
        pipe.expire(redis_keys.day_visitors(day), DAY_KEPT_SECONDS)
    for (limit, hour), reached in peaks.items():
        key, salt = redis_keys.peaks(limit, hour), _salt(hour[: len("2000-01-01")])
        pipe.zadd(key, {_unnamed(salt, member): number for member, number in reached.items()}, gt=True)
        pipe.zremrangebyrank(key, 0, -MOST_PEAKS - 1)
        pipe.expire(key, PEAKS_KEPT_SECONDS)


def _unnamed(salt: bytes, member: str) -> str:
    unit, who = member.split("|", 1)
    return f"{unit}|{keyed_tag(salt, who, length=16)}"


def _salt(day: str) -> bytes:
    """The key of a day's hashes: random, in Redis only, gone 26 hours after its first use. Raises ``RedisError``."""
    if day not in _salts:
        key = redis_keys.tally_salt(day)
        redis_store.client.set(key, secrets.token_hex(16), nx=True, ex=SALT_KEPT_SECONDS)
        if len(_salts) > 1:
            _salts.clear()
        _salts[day] = str(redis_store.client.get(key)).encode()
    return _salts[day]


def _put_back(
    counts: dict[str, int],
    of_days: dict[tuple[str, str], int],
    seen: dict[str, set[str]],
    peaks: dict[tuple[str, str], dict[str, int]],
) -> None:
    with _turn:
        for field, amount in counts.items():
            _counts[field] = _counts.get(field, 0) + amount
        for key, amount in of_days.items():
            _of_days[key] = _of_days.get(key, 0) + amount
        for day, browsers in seen.items():
            _seen[day] = _seen.get(day, set()) | browsers
        for limit, reached in peaks.items():
            now = _peaks.setdefault(limit, {})
            for member, number in reached.items():
                now[member] = max(now.get(member, 0), number)


def _carry() -> None:
    """Start the carrier of this process at its first count."""
    if _carrier:
        return
    with _turn:
        if _carrier:
            return
        thread = threading.Thread(target=_carry_on, name="tallies", daemon=True)
        _carrier.append(thread)
    thread.start()


def _carry_on() -> None:
    while not _ended.wait(CARRY_SECONDS):
        with suppress(RedisError):  # the counts are kept until it is back
            flush()


def _last_flush() -> None:
    _ended.set()
    with suppress(RedisError, RuntimeError):  # a process that never made a site has no Redis to write to
        flush()


def _begin_anew() -> None:
    """A forked child has no carrier, perhaps a held lock, and must not count its parent's share again."""
    global _turn, _carrying
    _turn, _carrying = threading.Lock(), threading.Lock()
    _carrier.clear()
    forget()


os.register_at_fork(after_in_child=_begin_anew)
atexit.register(_last_flush)
