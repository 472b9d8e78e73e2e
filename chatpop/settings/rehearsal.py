"""What another value of a counted limit would have done in the last 24 hours, told before it is saved.

Read off the highest use of each hour (``core.tallies.note_peak``): who used more than the value would have been
stopped. A value above the present one can only be bounded: nobody knows how often those who were refused would have
gone on, so it stops at most as many as the present one did.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from redis.exceptions import RedisError

from chatpop.core import clock, redis_keys, tallies
from chatpop.core.texts import counted, forms, text
from chatpop.extensions import redis_store
from chatpop.settings import registry
from chatpop.settings.registry import AnySetting

HOURS = 24
NOUNS = {
    "visitor": forms("%(number)s visitor", "%(number)s visitors"),
    "guest": forms("%(number)s guest", "%(number)s guests"),
    "member": forms("%(number)s member", "%(number)s members"),
    "network": forms("%(number)s network", "%(number)s networks"),
    "class_pass": forms("%(number)s class pass", "%(number)s class passes"),
}
AT_MOST, AT_LEAST = "at most", "at least"
_ANYBODY = frozenset(NOUNS)
_AT_MOST = text("In the last %(hours)s hours %(value)s would have stopped at most %(listed)s.")
_AT_LEAST = text("In the last %(hours)s hours %(value)s would have stopped at least %(listed)s.")
_COUNTED: dict[str, tuple[tuple[str, ...], frozenset[str]]] = {
    registry.MAX_ANONYMOUS_USERNAME_GENERATION_ATTEMPTS.name: (("rolls",), _ANYBODY),
    registry.MAX_ROLLS_PER_ROOM.name: (("rolls-in",), _ANYBODY),
    registry.MAX_ROLLS_PER_NETWORK.name: (("rolls-from",), _ANYBODY),
    registry.MAX_ROLLS_PER_CLASS_PASS.name: (("class-pass-rolls", "class-pass-guests"), _ANYBODY),
    registry.MAX_CHECKS_PER_NETWORK.name: (("checks",), _ANYBODY),
    registry.MAX_GUESTS_PER_NETWORK.name: (("guests",), _ANYBODY),
    registry.MAX_REGISTRATIONS_PER_NETWORK.name: (("registrations",), _ANYBODY),
    registry.MAX_MESSAGES_PER_MINUTE_GUEST.name: (("messages",), frozenset({"guest"})),
    registry.MAX_MESSAGES_PER_MINUTE_MEMBER.name: (("messages",), frozenset({"member"})),
}
"""The buckets of ``core.limits`` behind a setting, and whose use of them counts for it."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """How many a value would have stopped, by what they are; ``bound`` is "", "at most" or "at least"."""

    value: int
    stopped: dict[str, int]
    bound: str

    @property
    def sentence(self) -> str:
        numbers = {unit: number for unit in NOUNS if (number := self.stopped.get(unit, 0)) > 0}
        parts = [counted(*NOUNS[unit], number, number=f"{number:,}") for unit, number in numbers.items()]
        listed = parts.pop(0) if parts else text("nobody")
        for place, part in enumerate(parts, 1):
            join = text("%(first)s and %(last)s", first=listed, last=part)
            listed = join if place == len(parts) else text("%(first)s, %(next)s", first=listed, next=part)
        value = f"{self.value:,}"
        if self.bound == AT_MOST and numbers:
            return text(_AT_MOST, hours=HOURS, value=value, listed=listed)
        if self.bound == AT_LEAST and numbers:
            return text(_AT_LEAST, hours=HOURS, value=value, listed=listed)
        return text(
            "In the last %(hours)s hours %(value)s would have stopped %(listed)s.",
            hours=HOURS,
            value=value,
            listed=listed,
        )


def can_rehearse(setting: AnySetting) -> bool:
    return setting.name in _COUNTED


def rehearse(setting: AnySetting, raw: object) -> Rehearsal | None:
    """What the value would have done; None for a setting that is not counted, and while Redis is away.

    Raises ``BadSetting``.
    """
    value = setting.parse(raw)
    if setting.name not in _COUNTED:
        return None
    buckets, units = _COUNTED[setting.name]
    present = int(setting.get())
    try:
        tallies.flush()
        found, is_whole = _who_used_more(buckets, min(int(value), present))
    except RedisError:
        return None
    stopped = {unit: sum(member.startswith(f"{unit}|") for member in found) for unit in NOUNS if unit in units}
    bound = AT_MOST if int(value) > present else "" if is_whole else AT_LEAST
    return Rehearsal(int(value), stopped, bound)


def _who_used_more(buckets: tuple[str, ...], value: int) -> tuple[set[str], bool]:
    """The keyed hashes of all who did, and whether nobody was left out for want of room."""
    now = clock.now()
    hours = [(now - timedelta(hours=ago)).strftime("%Y-%m-%dT%H") for ago in range(HOURS + 1)]
    pipe = redis_store.client.pipeline(transaction=False)
    for key in (redis_keys.peaks(bucket, hour) for bucket in buckets for hour in hours):
        pipe.zrangebyscore(key, f"({value}", "+inf")
        pipe.zcard(key)
    answers = pipe.execute()
    members = [cast("list[str]", answer) for answer in answers[::2]]
    is_whole = all(
        len(more) < count or count < tallies.MOST_PEAKS for more, count in zip(members, answers[1::2], strict=True)
    )
    return {member for more in members for member in more}, is_whole
