"""Runs migrations on the application's database; all of them in one transaction."""

from __future__ import annotations

from alembic import context
from flask import current_app

from chatpop.core.database import writing

database = current_app.extensions["migrate"].db


def run() -> None:
    options = dict(current_app.extensions["migrate"].configure_args)
    with writing(), database.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            # A batch operation rebuilds the table; its rows must not cascade away on the way.
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            connection.commit()
        context.configure(connection=connection, target_metadata=database.metadata, **options)
        with context.begin_transaction():
            context.run_migrations()
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys = ON")


run()
