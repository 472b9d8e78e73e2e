"""In which language a page speaks: the browser's cookie, else what its ``Accept-Language`` asks for, else English."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import lru_cache
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, has_request_context, redirect, request
from flask_babel import Babel, force_locale, get_locale, refresh
from markupsafe import Markup
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header
from werkzeug.wrappers import Response as BaseResponse

from chatpop.core.errors import DomainError
from chatpop.web.catalogues import Catalogues
from chatpop.web.redirects import FIELD, next_path

LANGUAGES = {"en": "English", "de": "Deutsch", "ar": "العربية"}
"""The languages that are complete, by code, each under its own name."""
COOKIE = "chatpop_language"
YEAR = 365 * 24 * 3600
"""Seconds that the choice of a language is kept."""

babel = Babel()
bp = Blueprint("languages", __name__)


class NoSuchLanguage(DomainError):
    status, code, sentence = 422, "no_such_language", "This site does not speak that language."


def init_app(app: Flask) -> None:
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.before_request(refresh)
    app.after_request(_tell)
    app.register_blueprint(bp)
    babel.init_app(app, locale_selector=present_language)
    babel.domain_instance = Catalogues()
    app.jinja_env.globals.update(language=language, direction=direction, languages=LANGUAGES, this_page=this_page)
    app.jinja_env.filters["bdi"] = bdi


@bp.post("/language")
def choose() -> BaseResponse:
    """Keep the choice in a cookie, which is no identity, and go back to the page."""
    code = request.form.get("language", "")
    if code not in LANGUAGES:
        raise NoSuchLanguage
    response = redirect(next_path(), 303)
    response.set_cookie(COOKIE, code, max_age=YEAR, secure=request.is_secure, httponly=True, samesite="Lax")
    return response


def this_page() -> str:
    """Where the switch leads back to: the page at hand, or the one with the form that was sent."""
    if request.method in ("GET", "HEAD"):
        return request.path if FIELD in request.args else request.full_path
    try:
        sent_from = urlsplit(request.referrer or "").path
    except ValueError:  # "http://[", which no browser sends
        sent_from = ""
    return sent_from or request.path


def _tell(response: Response) -> Response:
    """Pages differ by language: caches must know."""
    if response.mimetype == "text/html":
        response.headers.setdefault("Content-Language", language())
        response.vary.update(("Accept-Language", "Cookie"))
    return response


def present_language() -> str:
    """The code of the language of the present request; English outside of one."""
    if not has_request_context():
        return "en"
    return wanted(request.cookies.get(COOKIE, ""), request.headers.get("Accept-Language", ""))


@lru_cache(maxsize=1024)
def wanted(chosen: str, accepted: str) -> str:
    """The code of the language by the cookie's value, else by ``Accept-Language``."""
    if chosen in LANGUAGES:
        return chosen
    return parse_accept_header(accepted, LanguageAccept).best_match(list(LANGUAGES)) or "en"


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
