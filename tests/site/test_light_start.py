"""A start loads what is needed to serve, nothing else: after a kill everybody waits for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from chatpop.running.surroundings import surroundings

ROOT = Path(__file__).resolve().parents[2]
LATER = ("alembic", "flask_migrate", "mako", "magic", "email_validator", "valkey", "boto3", "PIL", "pywebpush")
"""Loaded by the migration, the upload, the registration or the job that needs them."""


def _run(folder: Path, *arguments: str) -> str:
    environ = surroundings(ROOT, {"DATA_DIR": str(folder), "REDIS_URL": "redis://127.0.0.1:1"}, dotenv=False)
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environ, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_a_start_does_not_load_what_only_some_requests_need(tmp_path: Path) -> None:
    script = f"import sys; from chatpop.app import create_app; create_app(); print(*{{*{LATER}}} & sys.modules.keys())"

    assert _run(tmp_path, "-c", script).split() == []


def test_flask_db_is_there_for_who_asks(tmp_path: Path) -> None:
    flask = ("-m", "flask", "--app", "chatpop.app:create_app")

    assert "\n  db " in _run(tmp_path, *flask, "--help")
    newest = max(path.stem[:4] for path in (ROOT / "migrations" / "versions").glob("*.py"))
    assert _run(tmp_path, *flask, "db", "heads").startswith(newest)
