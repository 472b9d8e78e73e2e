"""Lets disasters befall a running site, and notes from when to when."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple

from tests.running.waiting import family, until
from tests.site.process import RunningSite
from tests.soak.clocks import SiteClock
from tests.soak.nemesis import Disaster, Planned
from tests.soak.reading import Reader
from tests.support.postgres import RunningPostgres

FROZEN_SECONDS = 5.0
AWAY_SECONDS = 1.0
"""How long PostgreSQL stays away between its end and its start."""


class Befallen(NamedTuple):
    """A disaster and its time, in seconds of the monotonic clock."""

    disaster: Disaster
    begun_at: float
    over_at: float


class Fate:
    """Carries plans out on one site."""

    def __init__(
        self,
        site: RunningSite,
        postgres: RunningPostgres | None,
        readers: Sequence[Reader],
        clock: SiteClock | None = None,
    ) -> None:
        self.befallen: list[Befallen] = []
        self._site = site
        self._postgres = postgres
        self._readers = readers
        self._clock = clock
        self._deeds: dict[Disaster, Callable[[], None]] = {
            Disaster.WEB: lambda: site.kill("gunicorn"),
            Disaster.WORKER: lambda: site.kill("worker.py"),
            Disaster.VALKEY: lambda: site.kill("valkey-server"),
            Disaster.VALKEY_EMPTY: self._empty_valkey,
            Disaster.EVERYTHING: self._power_cut,
            Disaster.FREEZE_WEB: lambda: self._freeze("gunicorn"),
            Disaster.FREEZE_VALKEY: lambda: self._freeze("valkey-server"),
            Disaster.RESTART_POSTGRES: lambda: self._restart_postgres(signal.SIGINT),
            Disaster.KILL_POSTGRES: lambda: self._restart_postgres(signal.SIGKILL),
        }

    def befall(self, planned: Planned) -> None:
        chance = random.Random(planned.dice)
        begun = time.monotonic()
        if planned.disaster == Disaster.WEB_WORKER:
            _kill(chance.choice(self._site.web_workers()))
        elif planned.disaster == Disaster.DROP_READERS:
            for reader in chance.sample(self._readers, max(1, len(self._readers) // 2)):
                reader.drop(rudely=chance.random() < 0.5)
        elif planned.disaster == Disaster.STEP_CLOCK and self._clock is not None:
            self._clock.step(chance)
        else:
            self._deeds[planned.disaster]()
        self.befallen.append(Befallen(planned.disaster, begun, time.monotonic()))

    def wait_until_up(self) -> None:
        """Nobody does anything by hand; fails when the site is not back in a minute."""
        until(self._site.is_up, seconds=60)

    def _power_cut(self) -> None:
        self._site.kill_everything()
        self._site.start()

    def _empty_valkey(self) -> None:
        """The supervisor waits meanwhile: the server that it starts next must not find the files."""
        with _stopped([self._site.supervisor]):
            self._site.kill("valkey-server")
            shutil.rmtree(self._site.data_dir / "valkey", ignore_errors=True)
            (self._site.data_dir / "valkey").mkdir()

    def _freeze(self, part: str) -> None:
        pid = self._site.program(part)
        with _stopped([pid, *family(pid)]):
            time.sleep(FROZEN_SECONDS)

    def _restart_postgres(self, how: signal.Signals) -> None:
        assert self._postgres is not None
        self._postgres.stop(how)
        time.sleep(AWAY_SECONDS)
        self._postgres.start()


@contextmanager
def _stopped(pids: Sequence[int]) -> Iterator[None]:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
