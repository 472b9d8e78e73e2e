"""The pace of a room under slow mode, in words."""

from __future__ import annotations

MOST_SECONDS = 3600
CHOICES = {
    0: "Off",
    5: "5 seconds",
    10: "10 seconds",
    30: "30 seconds",
    60: "1 minute",
    300: "5 minutes",
    900: "15 minutes",
    3600: "1 hour",
}


def named(seconds: int) -> str:
    """The pace as people say it."""
    if seconds in CHOICES:
        return CHOICES[seconds]
    return f"{seconds} seconds" if seconds % 60 else f"{seconds // 60} minutes"
