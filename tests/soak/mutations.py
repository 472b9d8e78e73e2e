"""One fault each, put into a good history: what a site that breaks its promises would have shown."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import NamedTuple

from tests.soak import log_mutations as log
from tests.soak import reader_mutations as readers
from tests.soak.history import History


class Mutation(NamedTuple):
    """``kind`` is what the checker must call it, besides what else it may find."""

    kind: str
    apply: Callable[[History, random.Random], None]


_BY_KIND: dict[str, tuple[Callable[[History, random.Random], None], ...]] = {
    "lost": (
        log.drop_a_message,
        log.renumber_after_a_drop,
        log.drop_the_last_message,
        log.acknowledge_what_is_not_there,
        log.garble_a_text,
        log.swap_two_in_the_log,
        log.leave_one_out_of_the_pages,
        log.lose_an_edit,
    ),
    "doubled": (
        log.store_twice,
        log.acknowledge_a_repeat_anew,
        log.give_a_number_twice,
        readers.deliver_twice,
        readers.deliver_again_later,
    ),
    "reordered": (
        log.number_against_time,
        log.show_the_pages_out_of_order,
        readers.swap_two_for_one_reader,
    ),
    "skipped": (
        readers.skip_one_for_one_reader,
        readers.skip_the_first_for_one_reader,
        readers.leave_one_reader_behind,
        readers.skip_an_edit_for_one_reader,
    ),
    "differing": (
        readers.tell_two_readers_different_things,
        readers.tell_an_old_text_last,
        readers.tell_an_edit_that_nobody_wrote,
        log.show_an_old_text_on_the_pages,
    ),
    "revived": (
        log.revive_in_the_log,
        log.keep_a_deleted_text,
        log.revive_on_the_pages,
        readers.revive_for_one_reader,
        readers.send_a_deleted_text_to_a_late_reader,
        readers.tell_a_deletion_with_its_text,
    ),
    "invented": (log.store_what_nobody_sent, log.delete_what_nobody_deleted, log.edit_what_nobody_edited),
}
MUTATIONS = {
    change.__name__.replace("_", " "): Mutation(kind, change)
    for kind, changes in _BY_KIND.items()
    for change in changes
}
