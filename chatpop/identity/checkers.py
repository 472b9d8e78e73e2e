"""Checking a typed name for the present request: counted for its network, and held for nobody."""

from __future__ import annotations

from chatpop.core import limits
from chatpop.core.errors import TooMany
from chatpop.identity.recognition import present_viewer
from chatpop.names import availability
from chatpop.names.availability import Availability
from chatpop.settings import registry
from chatpop.web.client_address import client_address, network_buckets

HOUR = 3600


class ChecksUsedUp(TooMany):
    code = "checks_used_up"
    sentence = "Too many names were checked from your network. Please wait a little, then try again."


def present_check(name: str) -> Availability:
    """Whether the present viewer may take ``name``. Raises :class:`ChecksUsedUp`, ``ServiceAway``."""
    viewer = present_viewer()
    amount = registry.MAX_CHECKS_PER_NETWORK.get()
    try:
        limits.spend(network_buckets("checks", client_address(), amount, HOUR))
    except limits.BucketEmpty as refusal:
        raise ChecksUsedUp(limit=refusal.limit, retry_after=refusal.retry_after or 1) from None
    user_id = viewer.user.id if viewer.user is not None else None
    return availability.check(name, user_id=user_id, rollers=viewer.rollers)
