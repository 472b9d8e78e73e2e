"""How crowded the names of the present length are, and with it the number of digits that names have."""

from __future__ import annotations

import threading
import time
from typing import cast

from redis.exceptions import RedisError

from chatpop.core import redis_keys
from chatpop.core.errors import ServiceAway
from chatpop.extensions import redis_store

MIN_DIGITS, MAX_DIGITS = 3, 5
SAMPLE = 1_000
CROWDED_SHARE = 0.1
DIGITS_AGE_SECONDS = 1.0
TOLD_AT = 25
_TRIES_SECONDS = 30 * 86_400
_MEMORY = 64

_share = 0.0
_turn = threading.Lock()
_untold = 0
_digits, _digits_read_at = MIN_DIGITS, float("-inf")


def is_high() -> bool:
    """Whether most candidates of late were taken, as far as this process has seen."""
    return _share > 0.5


def note(share: float) -> None:
    """Take the share of taken candidates of one look into a mean that forgets."""
    global _share
    _share += (share - _share) / _MEMORY


def site_digits() -> int:
    """How many digits generated names have at present: 3, later 4, then 5; at most a second old."""
    global _digits, _digits_read_at
    if time.monotonic() - _digits_read_at > DIGITS_AGE_SECONDS:
        try:
            stored = cast("str | None", redis_store.client.get(redis_keys.digits()))
        except RedisError:
            raise ServiceAway from None
        _digits = min(MAX_DIGITS, max(MIN_DIGITS, int(stored))) if stored else MIN_DIGITS
        _digits_read_at = time.monotonic()
    return _digits


# KEYS: tries, digits. ARGV: tried, missed, sample, share, least, most, seconds to live.
# At the end of a sample the counters start anew, and a crowded sample adds a digit for the whole site.
_COUNT = """
local tried = redis.call('HINCRBY', KEYS[1], 'tried', ARGV[1])
local missed = redis.call('HINCRBY', KEYS[1], 'missed', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[7])
local sample = tonumber(ARGV[3])
local crowded = missed > sample * tonumber(ARGV[4])
if crowded or tried >= sample then
  redis.call('DEL', KEYS[1])
  if crowded then
    local digits = tonumber(redis.call('GET', KEYS[2]) or ARGV[5])
    redis.call('SET', KEYS[2], math.min(digits + 1, tonumber(ARGV[6])))
    return 1
  end
end
return 0
"""


def count(*, tried: int, missed: int) -> None:
    """Keep the share of taken first candidates; over a tenth of a sample of 1,000 adds a digit.

    Hits are collected in the process and told in round numbers or with the next miss.
    """
    global _untold, _digits_read_at
    with _turn:
        _untold += tried
        if not missed and _untold < TOLD_AT:
            return
        tried, _untold = _untold, 0
    numbers = (tried, missed, SAMPLE, CROWDED_SHARE, MIN_DIGITS, MAX_DIGITS, _TRIES_SECONDS)
    try:
        grown = redis_store.client.eval(
            _COUNT, 2, redis_keys.roll_tries(), redis_keys.digits(), *(str(number) for number in numbers)
        )
    except RedisError:
        raise ServiceAway from None
    if grown:
        _digits_read_at = float("-inf")
