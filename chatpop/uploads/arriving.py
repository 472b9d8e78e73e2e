"""A visitor's upload is a first action: it makes the guest that keeps the file."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from chatpop.config import Config
from chatpop.core import ids
from chatpop.core.errors import ServiceAway
from chatpop.core.transactions import transaction
from chatpop.identity import guests
from chatpop.identity.guests import Newcomer, Welcome
from chatpop.names import holds, registry, rolling

NAME_TRIES = 3


def become_guest(newcomer: Newcomer, config: Config) -> Welcome:
    """The guest for this visitor: under the newest name held, else under a fresh one.

    Raises ``TooManyGuests``, ``NoNameFree``, ``ServiceAway``.
    """
    with guests.one_at_a_time(newcomer) as known_id:
        if known_id is not None:
            return guests.let_in_again(known_id, newcomer, config)
        guests.charge(newcomer)
        return _make(replace(newcomer, visitor_id=newcomer.visitor_id or ids.short_token()), config)


def _make(newcomer: Newcomer, config: Config) -> Welcome:
    roller = f"visitor:{newcomer.visitor_id}"
    for attempt in range(NAME_TRIES):
        held = holds.tray(roller) if attempt == 0 else []
        name = held[0] if held else rolling.fresh_name(roller)
        try:
            with transaction() as session:
                welcome = guests.make(session, name, newcomer, config)
        except registry.NameTaken:
            continue  # the held name was claimed meanwhile: once more
        guests.remember(newcomer, welcome.user)
        own = f"user:{welcome.user.id}"
        with suppress(ServiceAway):  # the guest exists; holds run out by themselves
            holds.hand_over(roller, own)
            holds.release(own, name)
        return welcome
    raise rolling.NoNameFree
