"""In which language a page speaks: the browser's cookie, else what its ``Accept-Language`` asks for, else English."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from flask import Flask, has_request_context, request
from flask_babel import Babel, force_locale, get_locale, refresh
from markupsafe import Markup

LANGUAGES = {"en": "English", "de": "Deutsch", "ar": "العربية"}
"""The languages that are complete, by code, each under its own name."""
COOKIE = "chatpop_language"
TRANSLATIONS = Path(__file__).resolve().parents[2] / "translations"

babel = Babel()


def init_app(app: Flask) -> None:
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.before_request(refresh)
    babel.init_app(app, locale_selector=present_language, default_translation_directories=str(TRANSLATIONS))
    app.jinja_env.globals.update(language=language, direction=direction)
    app.jinja_env.filters["bdi"] = bdi


def present_language() -> str:
    """The code of the language of the present request; English outside of one."""
    if not has_request_context():
        return "en"
    chosen = request.cookies.get(COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    return request.accept_languages.best_match(list(LANGUAGES)) or "en"


def language() -> str:
    """The code of the language that texts are in at present."""
    locale = get_locale()
    return locale.language if locale is not None else "en"


def direction() -> str:
    """``rtl`` for a language that is written from the right, else ``ltr``."""
    locale = get_locale()
    return locale.text_direction if locale is not None else "ltr"


def neutral() -> AbstractContextManager[None]:
    """Texts within are English, whoever asks."""
    english: AbstractContextManager[None] = force_locale("en")
    return english


def bdi(value: str) -> Markup:
    """A name inside a sentence, kept apart from the direction of the words around it."""
    return Markup("<bdi>{}</bdi>").format(value)
