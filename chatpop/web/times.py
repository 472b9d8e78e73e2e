"""Times in the language of the page; the script shows them anew in the reader's own zone."""

from __future__ import annotations

from datetime import datetime

from markupsafe import Markup

from chatpop.core.texts import waiting
from chatpop.web.saying import say, say_day, say_time


def moment(value: datetime) -> Markup:
    """The hour of a day."""
    return Markup('<time datetime="{}">{} UTC</time>').format(
        value.isoformat(timespec="seconds"), value.strftime("%H:%M")
    )


def day(value: datetime) -> Markup:
    """A day: 27 November 2026."""
    return Markup('<time datetime="{}" data-format="date">{}</time>').format(
        value.isoformat(timespec="seconds"), say_day(value)
    )


def full_time(value: datetime) -> Markup:
    """A day with its hour: 27 November 2026, 16:04 UTC."""
    return Markup('<time datetime="{}" data-format="full">{}</time>').format(
        value.isoformat(timespec="seconds"), say_time(value)
    )


def wait(seconds: int) -> str:
    """A wait as people say it."""
    return say(waiting(seconds))
