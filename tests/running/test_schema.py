"""The light look at the schema says yes only where it is certain."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from chatpop.running.schema import heads, is_current

FIRST = 'revision = "0001"\ndown_revision = None\n'
SECOND = 'revision: str = "0002"\ndown_revision: str | None = "0001"\n'


@pytest.fixture
def versions(tmp_path: Path) -> Path:
    folder = tmp_path / "versions"
    folder.mkdir()
    (folder / "0001_first.py").write_text(FIRST)
    (folder / "0002_second.py").write_text(SECOND)
    return folder


def _database(path: Path, revision: str) -> str:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        connection.execute("INSERT INTO alembic_version VALUES (?)", [revision])
        connection.commit()
    return f"sqlite:///{path}"


def test_the_head_is_what_nothing_builds_upon(versions: Path) -> None:
    assert heads(versions) == {"0002"}

    (versions / "0003_other.py").write_text('revision = "0003"\ndown_revision = "0001"\n')
    assert heads(versions) == {"0002", "0003"}

    (versions / "0004_merge.py").write_text('revision = "0004"\ndown_revision = ("0002", "0003")\n')
    assert heads(versions) == {"0004"}


def test_a_database_at_the_head_is_current_and_an_older_one_is_not(versions: Path, tmp_path: Path) -> None:
    assert is_current(_database(tmp_path / "new.sqlite3", "0002"), versions)
    assert not is_current(_database(tmp_path / "old.sqlite3", "0001"), versions)


def test_what_cannot_be_told_is_left_to_alembic(versions: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.sqlite3").write_bytes(b"no database at all, only text" * 100)
    sqlite3.connect(tmp_path / "empty.sqlite3").close()

    for url in (
        f"sqlite:///{tmp_path}/missing.sqlite3",
        f"sqlite:///{tmp_path}/broken.sqlite3",
        f"sqlite:///{tmp_path}/empty.sqlite3",
        "postgresql:///chatpop",
        "sqlite:///relative.sqlite3",
    ):
        assert not is_current(url, versions)
    assert not (tmp_path / "missing.sqlite3").exists()
