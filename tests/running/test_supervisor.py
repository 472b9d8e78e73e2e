"""The supervisor with real processes: restarts one that died, ends all together, leaves nobody behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.running.waiting import alive, until

DRIVER = """
import json, os, sys
from chatpop.running.program import Program
from chatpop.running.supervisor import Supervisor
supervisor = Supervisor(os.environ)
for program in json.loads(sys.argv[1]):
    supervisor.start(Program(**program))
print("up", flush=True)
supervisor.run()
supervisor.end()
"""

Run = Callable[..., subprocess.Popen[str]]


def lives(folder: Path, name: str, **more: object) -> dict[str, object]:
    """A program that notes its process id and lives on."""
    return {"name": name, "command": ["sh", "-c", f"echo $$ >> {folder}/{name}; exec sleep 600"], **more}


def notes_its_end(folder: Path, name: str, **more: object) -> dict[str, object]:
    """A program that notes when it is asked to end."""
    trap = f"trap 'echo {name} >> {folder}/ends; exit 0' TERM"
    script = f"{trap}; echo $$ >> {folder}/{name}; while :; do sleep 0.02; done"
    return {"name": name, "command": ["sh", "-c", script], **more}


def pids(folder: Path, name: str) -> list[int]:
    """Every process id the program has had, the newest last."""
    path = folder / name
    return [int(line) for line in path.read_text().split()] if path.exists() else []


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Run]:
    started: list[subprocess.Popen[str]] = []

    def run(*programs: dict[str, object]) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", DRIVER, json.dumps(programs)]
        with (tmp_path / "log").open("w") as log:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        started.append(process)
        assert process.stdout
        assert process.stdout.readline() == "up\n"
        for program in programs:
            until(lambda name=str(program["name"]): pids(tmp_path, name))  # type: ignore[misc]
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.terminate()
            process.wait(20)
        if process.stdout:
            process.stdout.close()


def test_a_killed_program_is_started_again_at_once_and_the_others_stay(supervise: Run, tmp_path: Path) -> None:
    supervise(lives(tmp_path, "web"), lives(tmp_path, "worker"))
    first = pids(tmp_path, "web")[0]

    os.kill(first, signal.SIGKILL)

    until(lambda: len(pids(tmp_path, "web")) == 2, seconds=2)
    assert alive(pids(tmp_path, "web")[1])
    assert not alive(first)
    assert len(pids(tmp_path, "worker")) == 1
    assert "web ended (signal 9)" in (tmp_path / "log").read_text()


def test_a_program_that_keeps_dying_is_tried_less_and_less_often(supervise: Run, tmp_path: Path) -> None:
    supervise({"name": "broken", "command": ["sh", "-c", f"echo $$ >> {tmp_path}/broken; exit 3"]})

    until(lambda: len(pids(tmp_path, "broken")) == 4)

    waits = [float(text) for text in re.findall(r"starts again in ([\d.]+) s", (tmp_path / "log").read_text())]
    assert waits[:3] == [0.1, 0.2, 0.4]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_all_end_together_and_the_last_one_last(supervise: Run, tmp_path: Path, number: signal.Signals) -> None:
    supervisor = supervise(
        notes_its_end(tmp_path, "valkey", last=True),
        notes_its_end(tmp_path, "web"),
        notes_its_end(tmp_path, "worker"),
    )

    supervisor.send_signal(number)

    assert supervisor.wait(10) == 0
    ends = (tmp_path / "ends").read_text().split()
    assert sorted(ends) == ["valkey", "web", "worker"]
    assert ends[-1] == "valkey"
    assert not any(alive(pids(tmp_path, name)[0]) for name in ("valkey", "web", "worker"))


def test_a_program_that_does_not_listen_is_killed_after_its_grace(supervise: Run, tmp_path: Path) -> None:
    stubborn = {
        "name": "stubborn",
        "command": ["sh", "-c", f"trap '' TERM; echo $$ >> {tmp_path}/stubborn; while :; do sleep 0.1; done"],
        "grace": 0.2,
    }
    supervisor = supervise(stubborn)

    supervisor.terminate()

    assert supervisor.wait(10) == 0
    assert not alive(pids(tmp_path, "stubborn")[0])


def test_nobody_outlives_a_killed_supervisor(supervise: Run, tmp_path: Path) -> None:
    supervisor = supervise(lives(tmp_path, "web"), lives(tmp_path, "valkey", last=True))

    supervisor.kill()

    for name in ("web", "valkey"):
        until(lambda name=name: not alive(pids(tmp_path, name)[0]), seconds=3)  # type: ignore[misc]
    supervisor.wait()


def test_a_terminal_that_is_left_with_nohup_ends_nothing(supervise: Run, tmp_path: Path) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        supervisor = supervise(lives(tmp_path, "web"))
    finally:
        signal.signal(signal.SIGHUP, before)

    supervisor.send_signal(signal.SIGHUP)
    os.kill(pids(tmp_path, "web")[0], signal.SIGKILL)

    until(lambda: len(pids(tmp_path, "web")) == 2)
    assert supervisor.poll() is None
