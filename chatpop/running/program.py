"""One program under the supervisor: how it is started, and how it learns that the supervisor is gone."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import IO

_PR_SET_PDEATHSIG = 1
# Loaded here, because a forked child must not load libraries.
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


@dataclass(frozen=True)
class Program:
    """What to run. ``grace`` is the time in seconds between the request to stop and the kill."""

    name: str
    command: Sequence[str]
    grace: float = 10.0
    orphan_signal: signal.Signals = signal.SIGTERM
    """Sent by the kernel when the supervisor is killed (Linux only; elsewhere a program outlives it)."""
    last: bool = False
    """Ended only when all others have ended."""
    inherits: Callable[[], Sequence[IO[str]]] = tuple
    """Called before each start: open files to hand over; our copies are closed."""
    descriptors: Sequence[int] = ()
    """Open descriptors to hand over and to keep."""

    def launch(self, environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """Start it in a session of its own, so that the terminal's Ctrl-C reaches the supervisor alone."""
        parent = os.getpid()

        def end_with_parent() -> None:
            if _prctl is not None:
                _prctl(_PR_SET_PDEATHSIG, int(self.orphan_signal))
                if os.getppid() != parent:
                    os._exit(1)

        with ExitStack() as ours:
            files = [ours.enter_context(file) for file in self.inherits()]
            return subprocess.Popen(
                self.command,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=sys.__stderr__.fileno() if sys.__stderr__ else subprocess.DEVNULL,
                pass_fds=[*self.descriptors, *(file.fileno() for file in files)],
                start_new_session=True,
                preexec_fn=end_with_parent,
            )


def signal_group(pid: int, number: signal.Signals) -> None:
    """To the whole family of a program that leads its own group; nothing when none is left."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
