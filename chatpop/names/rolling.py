"""One throw of the dice: within the limits, a name that is free, held for the roller."""

from __future__ import annotations

from dataclasses import dataclass

from chatpop.core import limits
from chatpop.core.errors import ServiceAway, TooMany
from chatpop.core.limits import Bucket
from chatpop.core.texts import text
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
    """A name held for the roller, and the rolls that remain in the window.

    ``tray`` is all that the roller holds, newest first; ``reset`` the seconds until a roll comes back.
    """

    username: str
    remaining: int
    reset: int
    tray: list[str]


@dataclass(frozen=True, slots=True)
class Look:
    """What somebody has seen who asked at once whether the roller is banned (not so) and ``candidate`` is taken."""

    candidate: str | None
    is_taken: bool


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


def first_candidate() -> str | None:
    """A name to look for before rolling; None where the roll itself has to choose, or to say what is wrong."""
    try:
        return None if crowding.is_high() else dice.candidate(crowding.site_digits())
    except (OutOfWords, ServiceAway):
        return None


def roll(roller: str, charged: RollLimits, look: Look | None = None) -> Roll:
    """Throw once; ``look`` is a first candidate that was looked for already.

    Raises :class:`RollsUsedUp`, :class:`NoNameFree` or ``ServiceAway``.
    """
    buckets = [own_bucket(roller)]
    if charged.room_id is not None:
        window = settings.ROLL_WINDOW_SECONDS.get()
        buckets.append(Bucket(f"rolls-in-{charged.room_id}", roller, settings.MAX_ROLLS_PER_ROOM.get(), window))
    try:
        allowance = limits.spend([*buckets, *charged.network])
    except limits.BucketEmpty as refusal:
        number = refusal.bucket.amount
        raise RollsUsedUp(
            text("Maximum username generation attempts exceeded (%(number)s)", number=number),
            limit=number,
            retry_after=refusal.retry_after or 1,
            max_attempts=number,
            previous=holds.tray(roller),
        ) from None
    tray = _fresh(roller, look)
    return Roll(tray[0], allowance.remaining, allowance.reset, tray)


def fresh_name(roller: str) -> str:
    """A free name, held for ``roller``, charged to nobody. Raises :class:`NoNameFree`, ``ServiceAway``."""
    return _fresh(roller)[0]


def _fresh(roller: str, look: Look | None = None) -> list[str]:
    """What the roller holds after a throw, the thrown name first.

    One candidate, then batches of 16, each with a digit more: never a loop without an end. Where most first
    candidates have been taken of late, the first is not tried: at any occupancy two queries are the mean.
    """
    try:
        return _throw(roller, look)
    except OutOfWords:
        raise NoNameFree from None


def _throw(roller: str, look: Look | None) -> list[str]:
    digits = crowding.site_digits()
    if not crowding.is_high():
        tray = _try_first(roller, look, digits)
        crowding.note(0.0 if tray else 1.0)
        crowding.count(tried=1, missed=0 if tray else 1)
        if tray:
            return tray
    for batch in range(MAX_BATCHES):
        wanted = min(digits + batch, crowding.MAX_DIGITS)
        tray = _first_free(roller, dice.candidates(wanted, BATCH))
        if tray:
            return tray
    raise NoNameFree


def _try_first(roller: str, look: Look | None, digits: int) -> list[str]:
    if look is None or look.candidate is None:
        return _first_free(roller, [dice.candidate(digits)])
    return [] if look.is_taken else holds.hold_first_free(roller, [look.candidate])


def _first_free(roller: str, candidates: list[str]) -> list[str]:
    taken = registry.taken_keys(canonical_key(name) for name in candidates)
    if len(candidates) > 1:
        crowding.note(len(taken) / len(candidates))
    free = [name for name in candidates if canonical_key(name) not in taken]
    return holds.hold_first_free(roller, free) if free else []
