"""One throw of the dice: within the limits, a name that is free, held for the roller."""

from __future__ import annotations

from dataclasses import dataclass

from chatpop.core import limits
from chatpop.core.errors import ServiceAway, TooMany
from chatpop.core.limits import Bucket
from chatpop.names import crowding, holds, packs, registry
from chatpop.names.dice import Dice, OutOfWords
from chatpop.names.key import canonical_key
from chatpop.settings import registry as settings

BATCH = 16
MAX_BATCHES = 3

dice = Dice(words=packs.words)


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

    One candidate, then batches of 16, each with a digit more: never a loop without an end. Where most first
    candidates have been taken of late, the first is not tried: at any occupancy two queries are the mean.
    """
    try:
        return _throw(roller)
    except OutOfWords:
        raise NoNameFree from None


def _throw(roller: str) -> str:
    digits = crowding.site_digits()
    if not crowding.is_high():
        name = _first_free(roller, [dice.candidate(digits)])
        crowding.note(0.0 if name else 1.0)
        crowding.count(tried=1, missed=0 if name else 1)
        if name is not None:
            return name
    for batch in range(MAX_BATCHES):
        wanted = min(digits + batch, crowding.MAX_DIGITS)
        name = _first_free(roller, dice.candidates(wanted, BATCH))
        if name is not None:
            return name
    raise NoNameFree


def _first_free(roller: str, candidates: list[str]) -> str | None:
    taken = registry.taken_keys(canonical_key(name) for name in candidates)
    if len(candidates) > 1:
        crowding.note(len(taken) / len(candidates))
    free = [name for name in candidates if canonical_key(name) not in taken]
    return holds.hold_first_free(roller, free) if free else None
