"""Jobs of the name system."""

from __future__ import annotations

from chatpop.names import usage


def measure_usage() -> int:
    """Measure the namespace and alert when it fills; returns the number of names in use."""
    return usage.check().used
