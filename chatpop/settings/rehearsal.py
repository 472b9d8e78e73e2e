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
from chatpop.extensions import redis_store
from chatpop.settings import registry
from chatpop.settings.registry import AnySetting

HOURS = 24
NOUNS = {
    "visitor": ("visitor", "visitors"),
    "guest": ("guest", "guests"),
    "member": ("member", "members"),
    "network": ("network", "networks"),
    "class_pass": ("class pass", "class passes"),
}
_ANYBODY = frozenset(NOUNS)
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
        parts = [
            f"{number:,} {NOUNS[unit][number != 1]}" for unit in NOUNS if (number := self.stopped.get(unit, 0)) > 0
        ]
        listed = ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else "".join(parts) or "nobody"
        bound = f"{self.bound} " if self.bound and parts else ""
        return f"In the last {HOURS} hours {self.value:,} would have stopped {bound}{listed}."


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
    bound = "at most" if int(value) > present else "" if is_whole else "at least"
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
