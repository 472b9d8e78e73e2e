"""Long work in C, kept away from the one thread that serves everybody."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from gevent import get_hub, monkey  # type: ignore[import-untyped]

T = TypeVar("T")


def off_the_hub(work: Callable[[], T]) -> T:
    """Done in a real thread where gevent runs the process, so that the others go on meanwhile."""
    if monkey.is_module_patched("threading"):
        result: T = get_hub().threadpool.apply(work)
        return result
    return work()
