"""Why chatpop can't start, as one sentence for the person at the terminal."""

from __future__ import annotations

import sys
from contextlib import suppress

SAID = 78
"""Exit status of a helper process that has already told the person why the start must end (EX_CONFIG)."""


class CannotStart(Exception):
    """The start ends here; the text is one sentence that says what to do, or empty where it has been said."""


def say(text: str) -> None:
    """A line for the operator, where there is any text; standard output is for results alone."""
    if not text:
        return
    with suppress(OSError):  # a log on a full disk: the supervisor must not end for want of words
        print(f"chatpop: {text}", file=sys.stderr, flush=True)
