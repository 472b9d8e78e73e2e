"""What befalls a site during a run, and when: drawn from a seed before the run begins. Pure."""

from __future__ import annotations

import random
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple


class Disaster(StrEnum):
    WEB_WORKER = "kill a web process"
    WEB = "kill the web with its master"
    WORKER = "kill the worker with its child"
    VALKEY = "kill Valkey"
    VALKEY_EMPTY = "kill Valkey and delete its data"
    EVERYTHING = "kill everything at once"
    FREEZE_WEB = "stop the web for 5 s"
    FREEZE_VALKEY = "stop Valkey for 5 s"
    RESTART_POSTGRES = "restart PostgreSQL"
    KILL_POSTGRES = "kill PostgreSQL"
    DROP_READERS = "drop readers' lines"
    STEP_CLOCK = "step the clock by an hour"


KILLS = (
    Disaster.WEB_WORKER, Disaster.WEB, Disaster.WORKER, Disaster.VALKEY, Disaster.VALKEY_EMPTY,
    Disaster.EVERYTHING, Disaster.KILL_POSTGRES,
)  # fmt: skip
POSTGRES = (Disaster.RESTART_POSTGRES, Disaster.KILL_POSTGRES)
_OFTEN = {Disaster.WEB_WORKER: 5, Disaster.WEB: 3, Disaster.WORKER: 2, Disaster.VALKEY: 2, Disaster.DROP_READERS: 2}
_QUIET_START = 2.0
_QUIET_END = 6.0
"""Seconds at the ends of a run without a disaster."""
_CALM = (3.0, 8.0)
_HARD_ON_THE_HEELS = (0.1, 1.0)
_DOUBLE_SHARE = 0.15


class Planned(NamedTuple):
    """``after`` so many seconds; ``dice`` decides what is left open."""

    after: float
    disaster: Disaster
    dice: int
    on_the_heels: bool
    """Whether it comes while the site still suffers from the one before, not when it is up again."""


def plan(
    seed: int, seconds: float, *, on_postgres: bool, has_own_clock: bool = False, calm: float = 1.0
) -> list[Planned]:
    """More than fit into ``seconds``: all kinds once in a drawn order, then by how likely they are in life.

    ``calm`` lengthens the pauses by this factor.
    """
    chance = random.Random(seed)
    kinds = [kind for kind in Disaster if on_postgres or kind not in POSTGRES]
    if not has_own_clock:
        kinds.remove(Disaster.STEP_CLOCK)
    drawn: list[Disaster] = []
    while len(drawn) * sum(_CALM) / 2 < seconds:
        drawn += _round(chance, kinds, first=not drawn)
    planned: list[Planned] = []
    for disaster in drawn:
        is_double = bool(planned) and chance.random() < _DOUBLE_SHARE
        wait = chance.uniform(*_HARD_ON_THE_HEELS) if is_double else calm * chance.uniform(*_CALM)
        planned.append(Planned(wait if planned else _QUIET_START, disaster, chance.getrandbits(32), is_double))
    return planned


def _round(chance: random.Random, kinds: Sequence[Disaster], *, first: bool) -> list[Disaster]:
    if first:
        return chance.sample(kinds, len(kinds))
    return chance.choices(kinds, [_OFTEN.get(kind, 1) for kind in kinds], k=len(kinds))


def room_for(elapsed: float, seconds: float) -> bool:
    """Whether there is time for another disaster."""
    return elapsed < seconds - _QUIET_END
