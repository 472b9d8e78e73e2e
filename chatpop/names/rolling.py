"""One throw of the dice: within the limits, a name that is free, held for the roller."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from redis.exceptions import RedisError

from chatpop.core import limits, redis_keys
from chatpop.core.errors import ServiceAway, TooMany
from chatpop.core.limits import Bucket
from chatpop.extensions import redis_store
from chatpop.names import holds, registry
from chatpop.names.dice import Dice
from chatpop.names.key import canonical_key
from chatpop.settings import registry as settings

BATCH = 16
MAX_BATCHES = 3
MIN_DIGITS, MAX_DIGITS = 3, 5
SAMPLE = 1_000
CROWDED_SHARE = 0.1
_TRIES_SECONDS = 30 * 86_400

dice = Dice()


class RollsUsedUp(TooMany):
    """A bucket of rolls is empty; ``previous`` are the names that can still be claimed."""

    code = "rolls_used_up"


class NoNameFree(ServiceAway):
    code = "no_name_free"
    sentence = "No free name could be found just now. Please try again in a moment."


@dataclass(frozen=True, slots=True)
class Roll:
    """A name held for the roller, and the rolls that remain in the window."""

    username: str
    remaining: int


@dataclass(frozen=True, slots=True)
class RollLimits:
    """What a roll is charged to. ``network`` buckets come from the client's address."""

    room_id: int | None
    network: list[Bucket]


def own_bucket(roller: str) -> Bucket:
    """The rolls of one roller, anywhere on the site."""
    return Bucket(
        "rolls",
        roller,
        settings.MAX_ANONYMOUS_USERNAME_GENERATION_ATTEMPTS.get(),
        settings.ROLL_WINDOW_SECONDS.get(),
    )


def rolls_left(roller: str) -> limits.Allowance:
    """How many rolls ``roller`` still has, without rolling. Raises ``ServiceAway``."""
    return limits.standing(own_bucket(roller))


def roll(roller: str, charged: RollLimits) -> Roll:
    """Throw once. Raises :class:`RollsUsedUp`, :class:`NoNameFree` or ``ServiceAway``."""
    buckets = [own_bucket(roller)]
    if charged.room_id is not None:
        window = settings.ROLL_WINDOW_SECONDS.get()
        buckets.append(Bucket(f"rolls-in-{charged.room_id}", roller, settings.MAX_ROLLS_PER_ROOM.get(), window))
    try:
        allowance = limits.spend([*buckets, *charged.network])
    except limits.BucketEmpty as refusal:
        number = refusal.bucket.amount
        raise RollsUsedUp(
            f"Maximum username generation attempts exceeded ({number})",
            limit=number,
            retry_after=refusal.retry_after or 1,
            max_attempts=number,
            previous=holds.tray(roller),
        ) from None
    return Roll(fresh_name(roller), allowance.remaining)


def fresh_name(roller: str) -> str:
    """A free name, held for ``roller``, charged to nobody. Raises :class:`NoNameFree`, ``ServiceAway``.

    One candidate, then batches of 16, each with a digit more: never a loop without an end.
    """
    digits = site_digits()
    name = _first_free(roller, [dice.candidate(digits)])
    if name is not None:
        _count(tried=1, missed=0)
        return name
    _count(tried=1, missed=1)
    for batch in range(MAX_BATCHES):
        wanted = min(digits + batch, MAX_DIGITS)
        name = _first_free(roller, dice.candidates(wanted, BATCH))
        if name is not None:
            return name
    raise NoNameFree


def _first_free(roller: str, candidates: list[str]) -> str | None:
    taken = registry.taken_keys(canonical_key(name) for name in candidates)
    free = [name for name in candidates if canonical_key(name) not in taken]
    return holds.hold_first_free(roller, free) if free else None


def site_digits() -> int:
    """How many digits generated names have at present: 3, later 4, then 5."""
    try:
        stored = cast("str | None", redis_store.client.get(redis_keys.digits()))
    except RedisError:
        raise ServiceAway from None
    return min(MAX_DIGITS, max(MIN_DIGITS, int(stored))) if stored else MIN_DIGITS


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
  end
end
return 0
"""


def _count(*, tried: int, missed: int) -> None:
    """Keep the share of taken candidates; over a tenth of a sample of 1,000 adds a digit."""
    numbers = (tried, missed, SAMPLE, CROWDED_SHARE, MIN_DIGITS, MAX_DIGITS, _TRIES_SECONDS)
    try:
        redis_store.client.eval(
            _COUNT, 2, redis_keys.roll_tries(), redis_keys.digits(), *(str(number) for number in numbers)
        )
    except RedisError:
        raise ServiceAway from None
