"""One run: a whole site, people who write and read on it, and a nemesis; its outcome is a history."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from tests.running.waiting import until
from tests.site.people import Caller
from tests.site.process import RunningSite, running_site
from tests.soak import clocks, nemesis
from tests.soak.browser import Browser
from tests.soak.clocks import SiteClock
from tests.soak.disasters import Befallen, Fate
from tests.soak.ending import Database, pages
from tests.soak.history import History
from tests.soak.reading import Reader
from tests.soak.writing import Writer
from tests.support.postgres import RunningPostgres, make_database, restartable_postgres

LIFTED = {
    "MAX_MESSAGES_PER_MINUTE_GUEST": "1000000",
    "MAX_GUESTS_PER_NETWORK": "100000",
    "MAX_ROLLS_PER_NETWORK": "100000",
    "MAX_ROOMS_GUEST": "100",
    "MAX_STREAMS_PER_NETWORK": "100000",
}
"""The site's limits are not what is tested here; all people of a run come from one address."""
DURABLE = ("synchronous_commit=on",)
"""A commit is answered when it is written: a crash of PostgreSQL must not lose it. (The disk does not fail.)"""
CATCH_UP_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Plan:
    """``rate`` is the number of messages a second that all writers together aim at.

    A campaign ends before ``seconds`` are over, as soon as it has ``acknowledged`` and ``kills``; ``calm``
    lengthens the pauses between disasters.
    """

    seconds: float = 120.0
    database: Literal["sqlite", "postgres"] = "sqlite"
    seed: int = 1
    writers: int = 8
    readers: int = 8
    rooms: int = 4
    web: int = 1
    rate: float = 200.0
    acknowledged: int | None = None
    kills: int = 0
    calm: float = 1.0
    with_clock: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """``began_at`` and the moments of the history are seconds of one clock."""

    plan: Plan
    history: History
    befallen: list[Befallen]
    began_at: float
    lasted: float
    log: str


def soak(plan: Plan, folder: Path, asked_to_end: threading.Event | None = None) -> Outcome:
    """Run the plan in ``folder``, or as much of it as there is time for until somebody asks for the end.

    Raises where the site does not come back by itself or a client breaks.
    """
    loaded = clocks.library() if plan.with_clock else None
    clock = SiteClock(loaded, folder / "clock") if loaded is not None else None
    with _site(plan, folder, clock.settings if clock else {}) as (site, postgres, database):
        rooms = _open_rooms(site, plan.rooms)
        readers = [_reader(site, plan, rooms, number) for number in range(plan.readers)]
        writers = [_writer(site, plan, rooms, number) for number in range(plan.writers)]
        fate = Fate(site, postgres, readers, clock)
        people: list[Reader | Writer] = [*readers, *writers]
        began_at = time.monotonic()
        try:
            for one in people:
                one.start()
            is_over = _Over(plan, fate, writers, asked_to_end or threading.Event())
            _befall(fate, plan, began_at, is_over, has_own_clock=clock is not None)
            lasted = time.monotonic() - began_at
            for writer in writers:
                writer.end()
            for writer in writers:
                writer.join()
            _wait_for_readers(database, readers)
        finally:
            for one in people:
                one.end()
        for reader in readers:
            reader.join()
        history = _put_together(writers, readers, database)
        with Browser(site.port) as browser:
            history.pages = {room: pages(browser, room) for room in rooms}
        return Outcome(plan, history, fate.befallen, began_at, lasted, site.log.read_text())


class _Over(NamedTuple):
    """Whether a campaign has what it wants, or somebody has asked for the end."""

    plan: Plan
    fate: Fate
    writers: list[Writer]
    asked: threading.Event

    def __call__(self) -> bool:
        if self.asked.is_set() or self.plan.acknowledged is None:
            return self.asked.is_set()
        kills = sum(1 for one in self.fate.befallen if one.disaster in nemesis.KILLS)
        return kills >= self.plan.kills and sum(one.acknowledged for one in self.writers) >= self.plan.acknowledged


def _befall(fate: Fate, plan: Plan, began_at: float, is_over: _Over, *, has_own_clock: bool) -> None:
    """Until the plan's time is up, or it is over before."""
    on_postgres = plan.database == "postgres"
    for planned in nemesis.plan(
        plan.seed, plan.seconds, on_postgres=on_postgres, has_own_clock=has_own_clock, calm=plan.calm
    ):
        if not planned.on_the_heels:
            fate.wait_until_up()
        if is_over() or not nemesis.room_for(time.monotonic() + planned.after - began_at, plan.seconds):
            break
        if is_over.asked.wait(planned.after):
            break
        fate.befall(planned)
    while time.monotonic() < began_at + plan.seconds and not is_over():
        time.sleep(0.2)


@contextmanager
def _site(
    plan: Plan, folder: Path, settings: dict[str, str]
) -> Iterator[tuple[RunningSite, RunningPostgres | None, Database]]:
    with ExitStack() as stack:
        if plan.database == "sqlite":
            site = stack.enter_context(running_site(folder, plan.web, **settings, **LIFTED))
            yield site, None, Database(site.data_dir / "chatpop.sqlite3")
            return
        postgres = stack.enter_context(restartable_postgres(*DURABLE))
        url = make_database(postgres.url, "soak")
        site = stack.enter_context(running_site(folder, plan.web, DATABASE_URL=url, **settings, **LIFTED))
        yield site, postgres, Database(url)


def _open_rooms(site: RunningSite, count: int) -> list[str]:
    host = Caller(site.address)
    return [host.open_room(f"Room{number}") for number in range(count)]


def _writer(site: RunningSite, plan: Plan, rooms: list[str], number: int) -> Writer:
    browser = _guest(site, rooms)
    return Writer(f"w{number}", browser, rooms, plan.seed, plan.writers / plan.rate)


def _reader(site: RunningSite, plan: Plan, rooms: list[str], number: int) -> Reader:
    """Every second one is a visitor, the others are in the room; every fourth one has a slow line."""
    room = rooms[number % len(rooms)]
    browser = Browser(site.port) if number // len(rooms) % 2 else _guest(site, [room])
    return Reader(f"r{number}", browser, room, plan.seed, is_slow=number % 4 == 3)


def _guest(site: RunningSite, rooms: list[str]) -> Browser:
    """Somebody who has joined the rooms, all under one name."""
    browser = Browser(site.port)
    _, rolled = browser.call(f"/api/chats/{rooms[0]}/suggest-username/", {})
    for room in rooms:
        status, joined = browser.call(f"/api/chats/{room}/join/", {"username": rolled["username"]})
        assert status == 201, joined
    return browser


def _wait_for_readers(database: Database, readers: list[Reader]) -> None:
    """Those who never catch up are for the checker to judge."""
    last = database.last_seqs()

    def all_are_complete() -> bool:
        return all(reader.position >= last[reader.reading.room] for reader in readers)

    with suppress(AssertionError):
        until(all_are_complete, seconds=CATCH_UP_SECONDS)


def _put_together(writers: list[Writer], readers: list[Reader], database: Database) -> History:
    history = History(log=database.log())
    for writer in writers:
        history.posts += writer.history.posts
        history.edits += writer.history.edits
        history.deletions += writer.history.deletions
        history.answers += writer.history.answers
    for reader in readers:
        history.readings.append(reader.reading)
        history.answers += reader.answers
    return history
