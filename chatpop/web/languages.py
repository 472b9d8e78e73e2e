"""In which language a page speaks: the browser's cookie, else what its ``Accept-Language`` asks for, else English."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, has_request_context, request
from flask_babel import Babel

LANGUAGES = {"en": "English", "de": "Deutsch", "ar": "العربية"}
"""The languages that are complete, by code, each under its own name."""
COOKIE = "chatpop_language"
TRANSLATIONS = Path(__file__).resolve().parents[2] / "translations"

babel = Babel()


def init_app(app: Flask) -> None:
    babel.init_app(app, locale_selector=present_language, default_translation_directories=str(TRANSLATIONS))


def present_language() -> str:
    """The code of the language of the present request; English outside of one."""
    if not has_request_context():
        return "en"
    chosen = request.cookies.get(COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    return request.accept_languages.best_match(list(LANGUAGES)) or "en"
