"""Migrations on a connection that is in a transaction already, so that they end with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic.config import Config as AlembicConfig
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

_FOLDER = Path(__file__).resolve().parents[2] / "migrations"


def is_known(revision: str) -> bool:
    """Whether this version of the program has that migration."""
    return revision in {one.revision for one in _scripts().walk_revisions()}


def newest() -> str:
    head = _scripts().get_current_head()
    if head is None:
        raise RuntimeError("there are no migrations")
    return head


def up(connection: Connection, revision: str) -> None:
    _run(connection, revision, upwards=True)


def down_to_nothing(connection: Connection) -> None:
    """Takes away our tables and no others."""
    _run(connection, "base", upwards=False)


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(_FOLDER))


def _run(connection: Connection, revision: str, *, upwards: bool) -> None:
    scripts = _scripts()

    def steps(current: Any, _context: MigrationContext) -> Any:
        walk = scripts._upgrade_revs if upwards else scripts._downgrade_revs
        return walk(revision, current)

    with EnvironmentContext(AlembicConfig(), scripts, fn=steps, destination_rev=revision) as environment:
        environment.configure(connection=connection)
        with environment.begin_transaction():
            environment.run_migrations()
