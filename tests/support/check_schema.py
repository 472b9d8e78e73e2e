"""Migrates an empty PostgreSQL and fails where the models and the migrations differ (run by .ci/run)."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

from tests.support.postgres import running_postgres

FLASK = [sys.executable, "-m", "flask", "--app", "chatpop.app:create_app", "db"]


def main() -> int:
    """The exit status of ``flask db check``, or of the upgrade before it."""
    with running_postgres() as url, tempfile.TemporaryDirectory() as data_dir:
        environ = {**os.environ, "DATABASE_URL": url, "DATA_DIR": data_dir}
        for step in ("upgrade", "check"):
            if code := subprocess.run([*FLASK, step], check=False, env=environ).returncode:
                return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
