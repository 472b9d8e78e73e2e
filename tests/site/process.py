"""A whole site as ``bin/run`` starts it: supervisor, web, worker, scheduler and Valkey, with a folder of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from chatpop.running.surroundings import surroundings
from tests.running.waiting import alive, family, until

ROOT = Path(__file__).resolve().parents[2]
_OF_A_SITE = (
    "DATABASE_URL",
    "REDIS_URL",
    "STORAGE_URL",
    "SECRET_KEY",
    "HOST",
    "PUBLIC_URL",
    "TRUSTED_HOSTS",
)


class RunningSite:
    """Started and killed as often as a test likes, always on the same folder and port."""

    def __init__(self, folder: Path, web: int = 1, /, **settings: str) -> None:
        """``web`` is the number of serving processes; keyword arguments are environment variables."""
        self.data_dir = folder / "var"
        self._web = web
        self.port = _free_port()
        self.address = f"http://localhost:{self.port}"
        self.log = folder / "log"
        inherited = {name: value for name, value in os.environ.items() if name not in _OF_A_SITE}
        own = {"DATA_DIR": str(self.data_dir), "PORT": str(self.port), **settings}
        self.environ = surroundings(ROOT, {**inherited, **own}, dotenv=False)
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Returns when it says that it is ready."""
        with self.log.open("a") as errors:
            command = [sys.executable, "-P", "-m", "chatpop.serve", "--workers", str(self._web)]
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=self.environ, stdout=subprocess.PIPE, stderr=errors, text=True
            )
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line == f"chatpop is ready: {self.address}\n", self.log.read_text()

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.communicate(timeout=30)
            self._process = None

    @property
    def is_started(self) -> bool:
        """Whether there is a supervisor, be the site up or not yet."""
        return self._process is not None

    @property
    def supervisor(self) -> int:
        assert self._process
        return self._process.pid

    def kill_everything(self) -> None:
        """As a power cut does: supervisor, web, worker, scheduler and Valkey at once."""
        assert self._process
        everybody = family(self._process.pid)
        for pid in (self._process.pid, *everybody):
            _kill(pid)
        self._process.communicate()
        self._process = None
        until(lambda: not any(alive(pid) for pid in everybody))

    def kill_web_worker(self) -> None:
        """The process that serves; its master starts another one."""
        for pid in self.web_workers():
            _kill(pid)

    def kill_web(self) -> None:
        """The web's master and the process that serves; the supervisor starts them again."""
        self.kill("gunicorn")

    def kill(self, part: str) -> None:
        """A program with all that it has started; the supervisor starts it again."""
        before = self.program(part)
        for pid in (before, *family(before)):
            _kill(pid)
        until(lambda: not alive(before))

    def is_up(self) -> bool:
        """Whether a page is answered now."""
        try:
            with urllib.request.urlopen(f"{self.address}/healthz", timeout=30) as answer:
                return int(answer.status) == 200
        except (OSError, urllib.error.HTTPError):
            return False

    def program(self, part: str) -> int:
        """The supervisor's child that has ``part`` in its command line; waits for one that is being started."""
        return until(lambda: self._program(part), seconds=30)

    def _program(self, part: str) -> int:
        for pid in _children(self.supervisor):
            with suppress(OSError):  # gone since the list was read
                if part in Path(f"/proc/{pid}/cmdline").read_text() and alive(pid):
                    return pid
        return 0

    def web_workers(self) -> list[int]:
        """The processes that serve."""
        return until(lambda: _children(self.program("gunicorn")), seconds=30)


@contextmanager
def running_site(folder: Path, web: int = 1, /, **settings: str) -> Iterator[RunningSite]:
    """A site that is up; keyword arguments are environment variables."""
    site = RunningSite(folder, web, **settings)
    try:
        site.start()
        yield site
    finally:
        site.stop()


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
