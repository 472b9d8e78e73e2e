"""Rolling for the present request: who rolls, from which network, and the visitor's cookie."""

from __future__ import annotations

from chatpop.core import ids
from chatpop.core.limits import Bucket
from chatpop.identity.newcomers import check_site_ban
from chatpop.identity.recognition import present_viewer, remember_visitor
from chatpop.names import rolling
from chatpop.names.rolling import Look, Roll, RollLimits
from chatpop.settings import registry
from chatpop.web.client_address import client_address, network_buckets


def present_roll(
    room_id: int | None, in_place_of_network: list[Bucket] | None = None, look: Look | None = None
) -> Roll:
    """Roll for the present viewer. A visitor gets (or keeps) the signed id that holds the name.

    ``in_place_of_network`` are a class pass's buckets, charged instead of the network's; ``look`` is what was seen of a
    first candidate by who has seen also that no ban meets the viewer.
    Raises ``Banned``, ``RollsUsedUp``, ``NoNameFree``, ``ServiceAway``; a refusal gives no cookie.
    """
    viewer = present_viewer()
    if look is None:
        check_site_ban(viewer)
    visitor_id = viewer.visitor_id or ids.short_token()
    roller = viewer.rollers[0] if viewer.user is not None else f"visitor:{visitor_id}"
    rolled = rolling.roll(roller, RollLimits(room_id, in_place_of_network or _network()), look)
    if viewer.user is None:
        remember_visitor(visitor_id)
    return rolled


def _network() -> list[Bucket]:
    amount, window = registry.MAX_ROLLS_PER_NETWORK.get(), registry.ROLL_WINDOW_SECONDS.get()
    return network_buckets("rolls-from", client_address(), amount, window)
