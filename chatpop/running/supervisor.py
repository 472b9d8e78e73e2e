"""Keeps programs alive together: starts one that died again, and ends them all when asked."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import FrameType

from chatpop.running.program import Program, signal_group
from chatpop.running.refusals import CannotStart, say

FIRST_DELAY = 0.1
LONGEST_DELAY = 10.0
STEADY_AFTER = 10.0
"""Seconds of life after which a death counts as the first one again."""
LAST_WORD = 2.0
"""Seconds between the second request to stop and the kill."""


class Ending(Exception):
    """A signal asked for the end."""


class _Charge:
    """A program in the supervisor's care."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.start_at: float | None = None
        self.quick_deaths = 0

    def launch(self, environ: Mapping[str, str]) -> None:
        self.start_at = None
        self.started_at = time.monotonic()
        self.process = self.program.launch(environ)

    def bury(self) -> float:
        """Forget the dead process, end its family, plan the next start; returns the delay in seconds."""
        if self.process:
            signal_group(self.process.pid, signal.SIGTERM)
        self.process = None
        return self.plan()

    def plan(self) -> float:
        if time.monotonic() - self.started_at > STEADY_AFTER:
            self.quick_deaths = 0
        delay = min(FIRST_DELAY * 2.0**self.quick_deaths, LONGEST_DELAY)
        self.quick_deaths += 1
        self.start_at = time.monotonic() + delay
        return delay


class Supervisor:
    """Single-threaded; signals arrive through a pipe, so none is lost between two looks."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = dict(environ)
        self._charges: list[_Charge] = []
        self._asked_to_end = False
        self._wake, write_end = os.pipe()
        for end in (self._wake, write_end):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # A start under nohup has the hang-up ignored, and that is meant.
            if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._ask_to_end)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)

    def _ask_to_end(self, number: int, frame: FrameType | None) -> None:
        self._asked_to_end = True

    def start(self, program: Program) -> None:
        charge = _Charge(program)
        self._charges.append(charge)
        charge.launch(self.environ)

    def once(self, command: Sequence[str]) -> int:
        """Run a command to its end beside the programs; its exit status. Raises :class:`Ending`."""
        process = Program("once", command).launch(self.environ)
        try:
            self.wait_until(lambda: process.poll() is not None, float("inf"))
        finally:
            process.terminate()
            code = process.wait()
        return code

    def quick_deaths(self, name: str) -> int:
        """How often the program has ended soon after its start, in a row."""
        return next(charge.quick_deaths for charge in self._charges if charge.program.name == name)

    def pids(self) -> dict[str, int]:
        return {charge.program.name: charge.process.pid for charge in self._charges if charge.process}

    def run(self) -> None:
        """Until a signal asks for the end."""
        with suppress(Ending):
            while True:
                self._look(1.0)

    def wait_until(self, happened: Callable[[], bool], patience: float) -> bool:
        """False after ``patience`` seconds; raises :class:`Ending` where a signal came first."""
        until = time.monotonic() + patience
        while not happened():
            if time.monotonic() > until:
                return False
            self._look(0.02)
        return True

    def _look(self, longest: float) -> None:
        self._nap(min([longest, *self._until_starts()]))
        if self._asked_to_end:
            raise Ending
        for charge in self._charges:
            if charge.process is not None and (code := charge.process.poll()) is not None:
                delay = charge.bury()
                say(f"{charge.program.name} ended ({_how(code)}); it starts again in {delay:.1f} s.")
            if charge.start_at is not None and charge.start_at <= time.monotonic():
                self._again(charge)

    def _again(self, charge: _Charge) -> None:
        try:
            charge.launch(self.environ)
        except (CannotStart, OSError) as error:
            say(f"{charge.program.name} can't be started: {error}")
            charge.plan()

    def _until_starts(self) -> list[float]:
        now = time.monotonic()
        return [max(charge.start_at - now, 0) for charge in self._charges if charge.start_at is not None]

    def _nap(self, seconds: float) -> None:
        """Until a signal, a child's end included, or the time is up."""
        select.select([self._wake], [], [], seconds)
        with suppress(BlockingIOError):
            while os.read(self._wake, 512):
                pass

    def end(self) -> None:
        """End all programs; those marked ``last`` only when the others are gone."""
        for last in (False, True):
            running = [one for one in self._charges if one.process and one.program.last is last]
            self._end([(one.program, one.process) for one in running if one.process])
        self._charges.clear()

    def _end(self, running: Sequence[tuple[Program, subprocess.Popen[bytes]]]) -> None:
        """Ask, ask again (a worker in mid-job takes the second one as: now), kill with the family."""
        for _, process in running:
            process.terminate()
        begun = time.monotonic()
        asked_again: set[int] = set()
        while alive := [(program, process) for program, process in running if process.poll() is None]:
            for program, process in alive:
                overdue = time.monotonic() - begun - program.grace
                if overdue > LAST_WORD:
                    signal_group(process.pid, signal.SIGKILL)
                elif overdue > 0 and process.pid not in asked_again:
                    asked_again.add(process.pid)
                    process.terminate()
            self._nap(0.05)
        for _, process in running:
            signal_group(process.pid, signal.SIGKILL)


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit status {code}"
