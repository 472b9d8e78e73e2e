"""Times and waits in the language of the page; the script shows times anew in the reader's own zone."""

from __future__ import annotations

from datetime import datetime

from flask_babel import format_date
from markupsafe import Markup

from chatpop.core.texts import waiting
from chatpop.web.languages import language, say

_DAYS = {"de": "d. MMMM y"}
"""How a day is written where it is not as in English."""


def moment(value: datetime) -> Markup:
    """The hour of a day."""
    return Markup('<time datetime="{}">{} UTC</time>').format(
        value.isoformat(timespec="seconds"), value.strftime("%H:%M")
    )


def day(value: datetime) -> Markup:
    """A day: 27 November 2026."""
    return Markup('<time datetime="{}" data-format="date">{}</time>').format(
        value.isoformat(timespec="seconds"), _day(value)
    )


def full_time(value: datetime) -> Markup:
    """A day with its hour: 27 November 2026, 16:04 UTC."""
    return Markup('<time datetime="{}" data-format="full">{}, {} UTC</time>').format(
        value.isoformat(timespec="seconds"), _day(value), value.strftime("%H:%M")
    )


def _day(value: datetime) -> str:
    return str(format_date(value, _DAYS.get(language(), "d MMMM y"), rebase=False))


def wait(seconds: int) -> str:
    """A wait as people say it."""
    return say(waiting(seconds))


def plain_day(value: datetime) -> str:
    """A day without its element, for a label."""
    return _day(value)
