"""The pace of a room under slow mode, in words."""

from __future__ import annotations

from chatpop.core.texts import counted, text, waiting

MOST_SECONDS = 3600
CHOICES = {
    0: text("Off"),
    **{seconds: waiting(seconds) for seconds in (5, 10, 30, 60, 300, 900, 3600)},
}


def named(seconds: int) -> str:
    """The pace as people say it."""
    if seconds in CHOICES:
        return CHOICES[seconds]
    if seconds % 60:
        return counted("%(num)s second", "%(num)s seconds", seconds)
    return counted("%(num)s minute", "%(num)s minutes", seconds // 60)
