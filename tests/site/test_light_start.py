"""A start loads what is needed to serve, nothing else: after a kill everybody waits for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from chatpop.running.surroundings import surroundings
from tests.running.waiting import until
from tests.site.process import running_site

# One after the other, like all that start whole sites.
pytestmark = pytest.mark.xdist_group("site")
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


def test_no_thread_is_under_way_when_the_master_forks(tmp_path: Path) -> None:
    """A fork would end it with an error: the thread is a greenlet there, and none that the fork knows."""
    patched = "from gevent import monkey; monkey.patch_all(); import threading; from chatpop.app import create_app; "

    assert _run(tmp_path, "-c", f"{patched} create_app(); print(threading.active_count())") == "1\n"


def test_flask_db_is_there_for_who_asks(tmp_path: Path) -> None:
    flask = ("-m", "flask", "--app", "chatpop.app:create_app")

    assert "\n  db " in _run(tmp_path, *flask, "--help")
    newest = max(path.stem[:4] for path in (ROOT / "migrations" / "versions").glob("*.py"))
    assert _run(tmp_path, *flask, "db", "heads").startswith(newest)


def test_the_web_loads_while_valkey_reads_its_file(tmp_path: Path) -> None:
    """A stopped Valkey stands for one with much to read."""
    with running_site(tmp_path) as site:
        site.kill_everything()
        starting = threading.Thread(target=site.start)
        starting.start()
        until(lambda: site.is_started, seconds=30)
        valkey = site.program("valkey-server")
        os.kill(valkey, signal.SIGSTOP)
        try:
            until(site.is_up, seconds=30)
        finally:
            os.kill(valkey, signal.SIGCONT)
            starting.join(60)
        assert not starting.is_alive()
