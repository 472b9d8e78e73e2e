"""Parts of addresses: what no row can have is no address of ours, so it is 404 before any database is asked."""

from __future__ import annotations

from flask import Flask
from werkzeug.routing import IntegerConverter, Map, UnicodeConverter, ValidationError

HIGHEST = 2**63 - 1
"""What both databases can compare; SQLite's driver fails on more, and so does PostgreSQL's bigint."""


class RowNumber(IntegerConverter):
    """``<int:…>`` up to :data:`HIGHEST`."""

    def __init__(self, map: Map, fixed_digits: int = 0, min: int | None = None, max: int | None = HIGHEST) -> None:
        super().__init__(map, fixed_digits, min, max)


class Text(UnicodeConverter):
    """A part without a NUL, which PostgreSQL's texts can't hold."""

    def to_python(self, value: str) -> str:
        if "\x00" in value:
            raise ValidationError
        return value


def init_app(app: Flask) -> None:
    """Before the routes: a rule takes its converters when it is added."""
    app.url_map.converters.update({"int": RowNumber, "default": Text, "string": Text})
