"""The virtual environment in the checkout, made from hash-locked requirements."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from chatpop.running.refusals import CannotStart, say

RUN_LOCKS = ("requirements.txt",)
TEST_LOCKS = ("requirements.txt", "requirements-dev.txt")


def ensure(root: Path, locks: Sequence[str] = RUN_LOCKS, python: str = sys.executable) -> Path:
    """The Python of ``root/.venv`` with everything in ``locks`` installed; does nothing the second time.

    :raises CannotStart: no way to make an environment, or pip failed.
    """
    venv = root / ".venv"
    with _one_at_a_time(root):
        if not _works(venv):
            say("setting up (once, about a minute) …")
            _make(venv, python)
        if not _installed(venv, [root / lock for lock in locks]):
            say("installing the locked packages …")
            _install(venv, root, locks, python)
    return venv / "bin" / "python"


@contextmanager
def _one_at_a_time(root: Path) -> Iterator[None]:
    """Two sites may start from one checkout at once."""
    try:
        file = (root / ".venv.lock").open("w")
    except OSError as error:
        if (root / ".venv").exists():  # a read-only checkout that is set up already
            yield
            return
        raise CannotStart(f"The folder {root} can't be written: {error.strerror}.") from None
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _works(venv: Path) -> bool:
    """False where the environment is missing, half made, or its Python has been uninstalled.

    Raises ``CannotStart`` where its Python is out of this user's reach.
    """
    python = venv / "bin" / "python"
    try:
        return (venv / ".made").exists() and python.exists()
    except PermissionError:
        said = f"{python} leads to a Python that this user may not run. Make the environment with another Python."
        raise CannotStart(said) from None


def _stamp(venv: Path, lock: Path) -> Path:
    return venv / f".installed-{lock.name}"


def _installed(venv: Path, locks: Sequence[Path]) -> bool:
    return all(_stamp(venv, lock).exists() and _stamp(venv, lock).read_text() == _digest(lock) for lock in locks)


def _digest(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def _make(venv: Path, python: str) -> None:
    shutil.rmtree(venv, ignore_errors=True)
    if _has(python, "ensurepip"):
        made = _run([python, "-m", "venv", str(venv)])
    elif _has(python, "pip"):
        made = _run([python, "-m", "venv", "--without-pip", str(venv)])
    else:
        raise CannotStart("This Python has neither venv nor pip; on Debian and Ubuntu: apt install python3-venv")
    if not made:
        raise CannotStart(f"{python} could not make a virtual environment in {venv}; its message is above.")
    (venv / ".made").touch()


def _install(venv: Path, root: Path, locks: Sequence[str], python: str) -> None:
    """``--no-deps``: the lock is complete, and of one package we want the files without its requirements."""
    own = [str(venv / "bin" / "python"), "-m", "pip"]
    pip = own if _has(own[0], "pip") else [python, "-m", "pip", "--python", own[0]]
    files = [part for lock in locks for part in ("-r", str(root / lock))]
    options = [
        "--require-hashes",
        "--no-deps",
        "--compile",
        "--quiet",
        "--no-input",
        "--disable-pip-version-check",
    ]
    if not _run([*pip, "install", *options, *files]):
        raise CannotStart("The packages could not be installed; pip's message is above.")
    for lock in locks:
        _stamp(venv, root / lock).write_text(_digest(root / lock))


def _has(python: str, module: str) -> bool:
    check = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({module!r}) is None)"
    return subprocess.run([python, "-c", check], check=False, capture_output=True).returncode == 0


def _run(command: Sequence[str]) -> bool:
    """Its output goes to standard error; a user-site setting of pip would miss the environment."""
    ours = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "PYTHONPATH")}
    environ = {**ours, "PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0"}
    return subprocess.run(command, check=False, stdout=sys.stderr, env=environ).returncode == 0
