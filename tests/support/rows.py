"""Counting the rows of every table."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import func, select

from chatpop.extensions import db


def row_counts(app: Flask) -> dict[str, int]:
    """How many rows each table has."""
    with app.app_context(), db.engine.connect() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in db.metadata.sorted_tables
        }
