"""Sentences for people: English where the rule is, in the reader's language where they are shown."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self


class Text(str):
    """An English sentence that knows how it was made, so that a page can say it in another language.

    It is the English sentence itself to everything that knows nothing of languages: JSON, logs, the command line.
    """

    template: str
    plural: str | None
    number: int
    values: dict[str, Any]

    @classmethod
    def made(cls, template: str, plural: str | None, number: int, values: dict[str, Any]) -> Self:
        chosen = template if plural is None or number == 1 else plural
        spoken = values if plural is None else {"num": number, **values}
        sentence = cls(chosen % spoken if spoken else chosen)
        sentence.template, sentence.plural, sentence.number, sentence.values = template, plural, number, values
        return sentence


def text(template: str, /, **values: Any) -> Text:
    """A sentence with its values, as ``%(name)s``; a value may be a ``Text`` too."""
    return Text.made(template, None, 1, values)


def counted(singular: str, plural: str, number: int, /, **values: Any) -> Text:
    """A sentence about a number of things, which stands in it as ``%(num)s``."""
    return Text.made(singular, plural, number, values)


def forms(singular: str, plural: str) -> tuple[str, str]:
    """Both forms of a counted sentence, to be given to :func:`counted` later."""
    return singular, plural


class When(str):
    """A day in a sentence, in English; ``at`` is its moment."""

    at: datetime
    has_hour: bool

    @classmethod
    def made(cls, at: datetime, *, has_hour: bool) -> Self:
        when = cls(f"{at:%-d %B %Y, %H:%M} UTC" if has_hour else f"{at:%-d %B %Y}")
        when.at, when.has_hour = at, has_hour
        return when


class Number(str):
    """A number in a sentence, in English with one place at most: ``2.5``, ``2``."""

    @classmethod
    def made(cls, value: float) -> Self:
        return cls(f"{value:.1f}".removesuffix(".0"))


def on_day(at: datetime) -> When:
    """27 November 2026."""
    return When.made(at, has_hour=False)


def at_time(at: datetime) -> When:
    """27 November 2026, 16:04 UTC."""
    return When.made(at, has_hour=True)


def waiting(seconds: int) -> Text:
    """A wait as people say it: in seconds below a minute, else rounded up to minutes."""
    if seconds < 60:
        return _seconds(max(1, int(seconds)))
    hours, minutes = divmod(max(1, -(-int(seconds) // 60)), 60)
    if not hours:
        return _minutes(minutes)
    if not minutes:
        return _hours(hours)
    return text("%(hours)s %(minutes)s", hours=_hours(hours), minutes=_minutes(minutes))


def _seconds(number: int) -> Text:
    return counted("%(num)s second", "%(num)s seconds", number)


def _minutes(number: int) -> Text:
    return counted("%(num)s minute", "%(num)s minutes", number)


def _hours(number: int) -> Text:
    return counted("%(num)s hour", "%(num)s hours", number)
