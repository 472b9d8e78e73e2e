"""The translations, read from ``translations/<language>.po`` by each process: nothing has to be compiled before."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask_babel import Domain, get_locale

FOLDER = Path(__file__).resolve().parents[2] / "translations"


class Catalogues(Domain):  # type: ignore[misc]
    """Where Flask-Babel finds the texts of a language."""

    def get_translations(self) -> NullTranslations:
        locale = get_locale()
        return of_language(locale.language) if locale is not None else NullTranslations()


@cache
def of_language(code: str) -> NullTranslations:
    """The catalogue of a language; the texts themselves for English."""
    path = FOLDER / f"{code}.po"
    if not path.exists():
        return NullTranslations()
    packed = BytesIO()
    with path.open("rb") as file:
        write_mo(packed, read_po(file, locale=code))
    packed.seek(0)
    return Translations(packed)


def translated() -> list[str]:
    """The languages that have a catalogue."""
    return sorted(path.stem for path in FOLDER.glob("*.po"))
