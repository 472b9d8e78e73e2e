"""``bin/run`` and ``bin/chatpop`` as a person uses them: real processes, a folder and a port of their own."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.running.waiting import alive, family, until

ROOT = Path(__file__).resolve().parents[2]
# One after the other on one worker: each starts four processes and looks at the clock.
pytestmark = pytest.mark.xdist_group("site")


@dataclass
class Site:
    process: subprocess.Popen[str]
    port: int
    ready_after: float
    folder: Path

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def get(self, path: str, timeout: float = 5.0) -> int:
        """The status of a page; 0 where nobody answers."""
        try:
            with urllib.request.urlopen(f"http://localhost:{self.port}{path}", timeout=timeout) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code
        except OSError:
            return 0

    def pid(self, part: str) -> int:
        """The child of the supervisor whose command line has ``part`` in it; 0 where there is none."""
        for pid in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split():
            try:
                if part in Path(f"/proc/{pid}/cmdline").read_text():
                    return int(pid)
            except (FileNotFoundError, ProcessLookupError):
                continue  # gone since the list was read
        return 0


def environ(folder: Path, **more: str) -> dict[str, str]:
    names = ("DATABASE_URL", "REDIS_URL", "HOST", "PUBLIC_URL", "SECRET_KEY", "TRUSTED_HOSTS")
    ours = {name: value for name, value in os.environ.items() if name not in names}
    return {**ours, "DATA_DIR": str(folder / "var"), **more}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def running(folder: Path, *arguments: str, **more: str) -> Iterator[Site]:
    port = int(more.pop("PORT", 0)) or free_port()
    log = folder / "log"
    begun = time.monotonic()
    with log.open("a") as errors:
        process = subprocess.Popen(
            [ROOT / "bin" / "run", *arguments],
            cwd=folder,
            env=environ(folder, PORT=str(port), **more),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        assert process.stdout
        line = process.stdout.readline()
        assert line == f"chatpop is ready: http://localhost:{port}\n", log.read_text()
        yield Site(process, port, time.monotonic() - begun, folder)
    finally:
        process.terminate()
        process.communicate(timeout=30)


def refused(folder: Path, **more: str) -> str:
    """What a start that must fail says; nothing may be left of it."""
    run = [ROOT / "bin" / "run"]
    done = subprocess.run(run, env=environ(folder, **more), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return _call([ROOT / "bin" / "chatpop", *arguments], environ(folder))


def _call(what: Sequence[str | Path], values: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(what, env=values, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A running site for the tests that leave it as it was, or that it recovers from."""
    with running(tmp_path_factory.mktemp("site")) as running_one:
        yield running_one


def test_one_command_starts_a_site_one_signal_ends_it_and_a_second_start_is_quick(tmp_path: Path) -> None:
    with running(tmp_path) as site:
        assert site.get("/healthz") == 200
        assert site.get("/") == 200
        until(lambda: site.get("/readyz") == 200, seconds=20)
        everybody = family(site.process.pid)
        assert len(everybody) >= 5  # valkey, gunicorn and its worker, worker, scheduler

        site.process.send_signal(signal.SIGINT)

        rest, _ = site.process.communicate(timeout=20)
        assert site.process.returncode == 0
        assert rest == ""
        assert not any(alive(pid) for pid in everybody)
    assert "Traceback" not in site.log.read_text()
    times = []
    for _ in range(3):
        loading = seconds_to_load()
        with running(tmp_path) as again:
            times.append((again.ready_after, loading))
        # Three seconds; where other tests share the processors, three times what loading the program takes just then.
        if again.ready_after < max(3.0, 3 * loading):
            return
    pytest.fail(f"ready after, and loading takes: {times} s")


def seconds_to_load() -> float:
    """How long this machine takes at this moment to load the application and nothing else."""
    begun = time.monotonic()
    load = [sys.executable, "-P", "-c", "import chatpop.app"]
    subprocess.run(load, check=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    return time.monotonic() - begun


def test_a_killed_web_process_is_back_soon_and_refuses_nobody(site: Site) -> None:
    until(lambda: site.get("/readyz") == 200, seconds=30)
    first = site.pid("gunicorn")
    killed_at = time.monotonic()
    for pid in (first, *family(first)):
        os.kill(pid, signal.SIGKILL)

    assert site.get("/healthz", timeout=30) == 200  # the listening socket outlives it: nobody is refused
    # Other tests share the processors, so it is held against the first start of the same run.
    assert time.monotonic() - killed_at < 2 * site.ready_after
    assert site.pid("gunicorn") not in (0, first)


def test_a_killed_valkey_and_a_killed_worker_come_back(site: Site) -> None:
    until(lambda: site.get("/readyz") == 200, seconds=20)
    before = {part: site.pid(part) for part in ("valkey-server", "worker.py", "chatpop.schedule")}
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)

    until(lambda: all(site.pid(part) not in (0, pid) for part, pid in before.items()))
    until(lambda: site.get("/readyz") == 200, seconds=40)


def test_nothing_outlives_a_killed_supervisor_and_the_site_starts_again_at_once(tmp_path: Path) -> None:
    with running(tmp_path) as site:
        everybody = family(site.process.pid)
        site.process.kill()
        site.process.wait()

        with running(tmp_path, PORT=str(site.port)) as again:
            assert again.get("/healthz") == 200
            until(lambda: not any(alive(pid) for pid in everybody), seconds=10)


def test_two_sites_run_from_one_checkout(site: Site, tmp_path: Path) -> None:
    with running(tmp_path) as second:
        assert site.get("/healthz") == second.get("/healthz") == 200


def test_a_second_one_on_the_same_folder_ends_with_a_sentence(site: Site) -> None:
    said = refused(site.folder, PORT=str(free_port()))
    assert said.count("\n") == 1
    assert f"already running on DATA_DIR {site.folder}/var (process {site.process.pid})" in said
    assert site.get("/healthz") == 200


def test_a_port_in_use_ends_the_start_with_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = refused(tmp_path, PORT=str(port))
    assert re.fullmatch(rf"chatpop: PORT is {port}, and another program is listening there already; .*\n", said)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("DATABASE_URL", "mysql://root@localhost/chat"),
        ("REDIS_URL", "http://localhost:6379"),
        ("TRUSTED_PROXIES", "-1"),
        ("SECRET_KEY", "short"),
        ("GUEST_RECOGNITION", "psychic"),
        ("USER_MAX_UPLOADS", "-5"),
        ("REDIS_URL", "redis://127.0.0.1:1/0"),
        ("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/chat"),
    ],
)
def test_a_wrong_value_ends_the_start_with_a_sentence_that_names_the_variable(
    tmp_path: Path, name: str, value: str
) -> None:
    said = refused(tmp_path, **{"PORT": str(free_port()), name: value})

    assert re.fullmatch(rf"chatpop: [^\n]*{name}[^\n]*\.\n", said), said


def test_a_folder_that_cannot_be_written_ends_the_start_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    said = refused(tmp_path, DATA_DIR=str(tmp_path / "file" / "var"), PORT=str(free_port()))

    assert re.fullmatch(r"chatpop: DATA_DIR is .*/file/var, and that folder can't be written: .*\n", said)


def test_the_command_line_works_without_a_site_and_beside_one(site: Site, tmp_path: Path) -> None:
    alone = command(tmp_path, "stats", "--json")
    assert alone.returncode == 0, alone.stderr

    beside = command(site.folder, "stats", "--json")
    assert site.get("/healthz") == 200

    assert json.loads(alone.stdout) == json.loads(beside.stdout)
    assert json.loads(beside.stdout)["messages"] == 0
