"""Rolling in a room, for pages and programs alike: in two questions to Redis and one to the database."""

from __future__ import annotations

from chatpop.identity.newcomers import present_ban_evidence
from chatpop.identity.recognition import present_viewer
from chatpop.identity.rollers import present_roll
from chatpop.names import rolling
from chatpop.names.rolling import Roll
from chatpop.rooms import doorways
from chatpop.rooms.doorways import Doorway
from chatpop.rooms.models import Room
from chatpop.rooms.views.class_passes import pass_rolls
from chatpop.rooms.views.loading import the_room


def the_way_in(code: str) -> Room | Doorway:
    """The room at this address: by the short way if it is clear, else as far as the viewer may see it.

    Raises ``RoomNotFound``, ``Banned``.
    """
    evidence = present_ban_evidence(present_viewer())
    return doorways.clear_way(code, evidence, rolling.first_candidate()) or the_room(code)


def roll_in(room: Room | Doorway) -> Roll:
    """Roll for the present viewer. Raises ``Banned``, ``RollsUsedUp``, ``NoNameFree``, ``ServiceAway``."""
    return present_roll(room.id, pass_rolls(room), room.look if isinstance(room, Doorway) else None)
