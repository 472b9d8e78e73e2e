"""Looking at every row of every table."""

from __future__ import annotations

from typing import Any

from flask import Flask
from sqlalchemy import select

from chatpop.extensions import db

Rows = list[dict[str, Any]]


def every_row(app: Flask) -> dict[str, Rows]:
    """Table -> its rows, in a steady order."""
    with app.app_context(), db.engine.connect() as connection:
        return {
            table.name: sorted((dict(row) for row in connection.execute(select(table)).mappings()), key=str)
            for table in db.metadata.sorted_tables
        }


def tables_with(app: Flask, text: str) -> set[str]:
    """``table.column`` wherever ``text`` stands in a value, in any case of letters."""
    return {
        f"{table}.{column}"
        for table, rows in every_row(app).items()
        for row in rows
        for column, value in row.items()
        if text.lower() in str(value).lower()
    }
