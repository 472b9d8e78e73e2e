"""Endless work beside the requests: a greenlet under gevent, a thread elsewhere."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)

_PAUSE_SECONDS = 0.5


def keep_doing(name: str, step: Callable[[], None], stopped: threading.Event) -> threading.Thread:
    """Run ``step`` again and again until ``stopped``; a step that fails is logged and run again."""
    thread = threading.Thread(target=_loop, args=(name, step, stopped), name=f"live-{name}", daemon=True)
    thread.start()
    return thread


def _loop(name: str, step: Callable[[], None], stopped: threading.Event) -> None:
    while not stopped.is_set():
        try:
            step()
        except Exception:  # all streams of the process depend on this loop: no fault of one step may end it
            log.exception("Live delivery: %s failed and goes on", name)
            stopped.wait(_PAUSE_SECONDS)
