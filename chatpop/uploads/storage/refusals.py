"""What any store raises where it can't do its work."""

from __future__ import annotations

from chatpop.core.errors import ServiceAway


class StorageAway(ServiceAway):
    sentence = "The store of files is away for a moment. Please try again in a few seconds."
