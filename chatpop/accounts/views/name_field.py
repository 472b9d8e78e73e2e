"""The field for a name: the dice beside it, the names rolled, and free names like the one typed."""

from __future__ import annotations

from dataclasses import dataclass, field

from chatpop.core.errors import DomainError, ServiceAway
from chatpop.identity.checkers import present_check
from chatpop.identity.recognition import present_viewer
from chatpop.names import availability, holds, rolling
from chatpop.names.availability import Availability, Code
from chatpop.names.rules import MIN_LENGTH

MOST_LENGTH = 254


@dataclass(frozen=True, slots=True)
class NameField:
    """What ``accounts/_username.html`` shows besides the form's own field.

    ``tray`` is newest first; ``remaining`` is None before the first roll; ``wait_seconds`` is set when
    no rolls are left; ``alternatives`` are free names like one that is taken.
    """

    tray: list[str]
    remaining: int | None
    wait_seconds: int | None = None
    check: Availability | None = None
    alternatives: list[str] = field(default_factory=list)


def present_field(chosen: str | None = None, *, taken: str | None = None) -> NameField:
    """The field for the present viewer; ``chosen`` is a name that was tapped, ``taken`` one that was refused.

    Without the dice's names while Redis is away.
    """
    viewer = present_viewer()
    try:
        tray = [name for roller in viewer.rollers for name in holds.tray(roller)]
        left = rolling.rolls_left(viewer.rollers[0]) if viewer.rollers else None
        others = availability.alternatives(taken) if taken else []
    except ServiceAway:
        return NameField([], None)
    has_rolled = left is not None and (tray or left.remaining < left.limit)
    return NameField(
        tray=tray,
        remaining=left.remaining if left is not None and has_rolled else None,
        wait_seconds=left.reset if left is not None and left.remaining == 0 else None,
        check=_check(chosen) if chosen else None,
        alternatives=others,
    )


def present_answer(name: str) -> tuple[Availability | None, list[str]]:
    """The live check: what to say of a typed name, and what to take instead. (None, []) for nothing to say yet.

    Raises ``ChecksUsedUp``, ``ServiceAway``. E-mail addresses are told nothing about.
    """
    if len(name) < MIN_LENGTH or "@" in name:
        return None, []
    check = present_check(name[:MOST_LENGTH])
    return check, [] if check.available else availability.alternatives(name[:MOST_LENGTH])


def _check(name: str) -> Availability | None:
    try:
        check = present_check(name)
    except DomainError:
        return None  # a courtesy only
    return check if check.code != Code.YOURS else None
