"""Sentences of rules and days, said in the language of the page."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import flask
from flask_babel import format_date, format_decimal, gettext, ngettext

from chatpop.core.texts import Number, Text, When
from chatpop.web.languages import language

_DAYS = {"de": "d. MMMM y"}
"""How a day is written where it is not as in English."""


def say(words: str) -> str:
    """The words in the present language: a sentence of a rule, or a term that the catalogues know."""
    if not words:
        return words
    if isinstance(words, When):
        return say_time(words.at) if words.has_hour else say_day(words.at)
    if isinstance(words, Number):
        return str(format_decimal(Decimal(words), "0.#"))
    if not isinstance(words, Text):
        return str(gettext(words))
    values = {name: shown(value) for name, value in words.values.items()}
    if words.plural is None:
        return str(gettext(words.template, **values))
    return str(ngettext(words.template, words.plural, words.number, **values))


def shown(value: Any) -> Any:
    """What a template puts out: sentences of rules are said in the reader's language, wherever they stand."""
    return say(value) if isinstance(value, (Text, When, Number)) else value


def say_day(value: datetime) -> str:
    """27 November 2026."""
    return str(format_date(value, _DAYS.get(language(), "d MMMM y"), rebase=False))


def say_time(value: datetime) -> str:
    """27 November 2026, 16:04 UTC."""
    return f"{say_day(value)}, {value:%H:%M} UTC"


def flash(sentence: str, category: str = "message") -> None:
    """Keep a sentence for the next page, in the language of this one."""
    flask.flash(say(sentence), category)
