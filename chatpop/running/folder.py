"""The folder of a site: may it be written, and is anybody else at work in it?"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from typing import IO

from chatpop.running.refusals import CannotStart

COMMAND_PATIENCE = 10.0
"""Seconds a start waits for commands that are at work in the folder."""


def make_writable(data_dir: Path) -> None:
    """Make the folder; raises :class:`CannotStart` where it can't be written."""
    probe = data_dir / f".writable.{os.getpid()}"
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise CannotStart(f"DATA_DIR is {data_dir}, and that folder can't be written: {error.strerror}.") from None


class Lock:
    """A lock file. The kernel lets go of the lock when its last holder ends, however that is."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[str] | None = None

    def take(self, patience: float = 0.0, *, shared: bool = False) -> bool:
        """True once held (or held already); False after ``patience`` seconds."""
        if self._file:
            return True
        file = self.path.open("a+")
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        until = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(file, kind | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= until:
                    file.close()
                    return False
                time.sleep(0.02)
        self._file = file
        return True

    def give_back(self) -> None:
        if self._file:
            self._file.close()
            self._file = None

    def hand_over(self) -> IO[str]:
        """The locked file itself: a process that inherits it holds the lock on."""
        file, self._file = self._held(), None
        return file

    def note(self, text: str) -> None:
        """Write ``text`` into the held file, in place of what is there."""
        file = self._held()
        file.truncate(0)
        file.write(text)
        file.flush()

    def _held(self) -> IO[str]:
        if self._file is None:
            raise RuntimeError(f"{self.path} is not held")
        return self._file


class Instance:
    """The one running site of a folder."""

    def __init__(self, data_dir: Path) -> None:
        self._lock = Lock(data_dir / "chatpop.lock")
        self.was_killed = False
        """The one before had no time to end its processes: they may need a moment more."""

    def begin(self) -> None:
        """Raises :class:`CannotStart` while another one runs."""
        held = self._lock.take(0.3)  # a command may be looking at the lock
        left = self._lock.path.read_text().strip()
        if not held:
            raise CannotStart(
                f"chatpop is already running on DATA_DIR {self._lock.path.parent} "
                f"(process {left or 'unknown'}); stop it, or give this one another DATA_DIR and PORT."
            )
        self.was_killed = bool(left)
        self._lock.note(str(os.getpid()))

    def end(self) -> None:
        self._lock.note("")
        self._lock.give_back()


def has_instance(data_dir: Path) -> bool:
    """True while a site starts or runs on the folder."""
    lock = Lock(data_dir / "chatpop.lock")
    if not lock.take(shared=True):
        return True
    lock.give_back()
    return False


def commands_lock(data_dir: Path) -> Lock:
    """Shared by the commands at work in the folder; a site holds it alone while it starts its Valkey."""
    return Lock(data_dir / "commands.lock")
