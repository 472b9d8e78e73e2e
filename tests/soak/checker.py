"""Judges a history against the promises of delivery. Pure: no clock, no network, no database.

The promises (SECURITY, "Delivery oracle"): P1 an acknowledged message is stored; P2 once, also when it is sent
again; P3 every reader sees numbers that rise without a gap; P4 all see the same; P5 an unacknowledged message
is there once or not at all; P6 a deleted message never comes back; P7 the last acknowledged edit stands, for everybody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from tests.soak import log_rules, reader_rules
from tests.soak.history import History
from tests.soak.wrong import Wrong

KINDS = ("lost", "doubled", "reordered", "skipped", "revived", "invented", "differing")

RULES: tuple[Callable[[History], Iterator[Wrong]], ...] = (
    log_rules.acknowledged_is_stored,
    log_rules.stored_once,
    log_rules.log_is_whole,
    log_rules.nothing_is_invented,
    log_rules.order_is_that_of_acknowledgement,
    reader_rules.readers_get_all_in_order,
    reader_rules.readers_agree_with_the_log,
    reader_rules.readers_are_told_the_last_state,
    reader_rules.deleted_stays_deleted,
    log_rules.pages_show_the_log,
)


def judge(history: History) -> list[Wrong]:
    """Everything that is wrong; empty for a history as promised."""
    return [wrong for rule in RULES for wrong in rule(history)]


def counted(wrongs: Iterable[Wrong]) -> dict[str, int]:
    """How many of each kind, those with none included."""
    found = Counter(wrong.kind for wrong in wrongs)
    return {kind: found[kind] for kind in KINDS}
