"""Is the SQLite file already at the newest migration? Read lightly, so that a start need not load Alembic."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

_REVISION = re.compile(r"""^revision\b[^=\n]*=\s*["']([^"']+)["']""", re.MULTILINE)
_BEFORE = re.compile(r"^down_revision\b[^=\n]*=(.*)$", re.MULTILINE)
_QUOTED = re.compile(r"""["']([^"']+)["']""")


def is_current(database_url: str, versions: Path) -> bool:
    """True only where it is certain; False means: let Alembic decide."""
    scheme, _, file = database_url.partition(":///")
    if scheme != "sqlite" or not file.startswith("/") or not Path(file).exists():
        return False
    try:
        with closing(sqlite3.connect(f"{Path(file).as_uri()}?mode=ro", uri=True)) as connection:
            found = {row[0] for row in connection.execute("SELECT version_num FROM alembic_version")}
    except sqlite3.Error:
        return False
    return bool(found) and found == heads(versions)


def heads(versions: Path) -> set[str]:
    """Revisions that no other one builds upon."""
    revisions: set[str] = set()
    built_upon: set[str] = set()
    for file in versions.glob("*.py"):
        text = file.read_text(encoding="utf-8")
        revisions.update(_REVISION.findall(text))
        for before in _BEFORE.findall(text):
            built_upon.update(_QUOTED.findall(before))
    return revisions - built_upon
