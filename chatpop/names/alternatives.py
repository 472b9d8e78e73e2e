"""Free names like one that somebody typed and can't have."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator

from chatpop.names import crowding, holds, packs, registry, rolling, rules
from chatpop.names.key import canonical_key

TRIES = 12
_CLEAR_DIGITS = "34679"
"""Digits that nobody takes for a letter."""


def alternatives(name: str, count: int = 3) -> list[str]:
    """Up to ``count`` names like ``name`` that are free now; nothing is held.

    One query and one round trip to Redis for all. What can't be built upon (too short, rude, kept for the
    site) gives names of the dice. Raises ``ServiceAway`` when Redis is away.
    """
    found: dict[str, str] = {}
    for candidate in _candidates(name):
        if len(found) == TRIES:
            break
        if rules.refusal(candidate, packs.current().extra) is None:
            found.setdefault(canonical_key(candidate), candidate)
    found.pop(canonical_key(name) if name.isascii() else "", None)
    names = list(found.values())
    taken = registry.taken_keys(found)
    held = holds.holders(names)
    free = [option for option, hold in zip(names, held, strict=True) if hold is None]
    return [option for option in free if canonical_key(option) not in taken][:count]


def _candidates(name: str) -> Iterator[str]:
    """First a number, then a word beside it, so that the first three differ in kind; then thrown names."""
    base = re.sub(r"[^A-Za-z0-9_-]+", "", name)[:20].strip("_-")
    stem = base.rstrip("0123456789") or base
    if len(stem) >= rules.MIN_LENGTH and rules.refusal(stem, packs.current().extra) is None:
        lists = packs.words()
        for length in (2, 3, 3, 4):
            yield stem + "".join(secrets.choice(_CLEAR_DIGITS) for _ in range(length))
            yield secrets.choice(lists.firsts).capitalize() + stem[:1].upper() + stem[1:]
            yield stem + secrets.choice(lists.seconds).capitalize()
    yield from rolling.dice.candidates(crowding.site_digits(), TRIES)
