"""CPU of a delivery, a join and a message, and the memory of a reader, over real HTTP.

Usage: bin/bench fanout [rounds] [seconds of a round]

Readers of the site and of a loop in C, which sends the same bytes and does nothing else, are driven in turn by one
load generator. All CPU of the web process counts: the request that writes, storing, drawing, heartbeats.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Sequence

from bench.fanout.readers import Guest, LoopWriter, Readers, Writer
from bench.fanout.servers import Loop, Site, cpu, memory, running_loop, running_site
from bench.report import Report, Table

RATES = {100: 20.0, 1000: 5.0, 5000: 1.0}
"""Messages a second, by the number of readers."""
OUTSTANDING = 16
LOTS = 5
POSTS = 100
NOTE = (
    "One web process under gunicorn with SQLite, streams read by visitors, messages written by a guest through the "
    "room's own form. CPU is what the kernel has run. The loop in C (bench/fanout/epoll_loop.c) sends the same bytes."
)


def main(rounds: int, seconds: float) -> bool:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    report = Report("fanout", "Delivery to many readers", NOTE)
    table = report.table("A delivery at a fixed rate", "µs of CPU")
    joins = report.table("Coming and waiting")
    for readers, rate in RATES.items():
        with running_site() as site, running_loop("plain") as loop:
            ours, theirs = Readers(site.port, f"/rooms/{site.code}/stream"), Readers(loop.port, "/")
            _join(joins, site, ours, readers)
            theirs.come(readers)
            _fixed(table, site, loop, (ours, theirs), rate, rounds, seconds)
            if readers == 1000:
                _saturated(report, site, ours, rounds, seconds)
    joins.ratio("a join at 5,000 / at 100", joins.figures[-2].samples, joins.figures[0].samples, goal=1.3)
    _post(report, rounds)
    return report.finish()


def _join(table: Table, site: Site, readers: Readers, number: int) -> None:
    """In five lots; at 100 readers all of them come five times."""
    lot = number if number <= 100 else number // LOTS
    readers.come(50)
    readers.rest(3)
    readers.go()
    time.sleep(3)
    before, used = memory(site.worker), []
    for _ in range(LOTS):
        begun = cpu(site.worker)
        readers.come(lot)
        used.append((cpu(site.worker) - begun) / lot)
        if lot == number:
            readers.rest(1)
            readers.go()
            time.sleep(1)
    if not len(readers):
        readers.come(number)
    readers.rest(3)
    table.add(f"a join, up to {number:,} readers", used, unit="µs of CPU")
    if number > 100:
        each = (memory(site.worker) - before) / number / 1024
        table.add(f"an idle reader of {number:,}", [each], unit="KiB", goal=2.0 if number == 5000 else None)


def _fixed(
    table: Table, site: Site, loop: Loop, pair: tuple[Readers, Readers], rate: float, rounds: int, seconds: float
) -> None:
    ours, theirs = pair
    guest = Guest(site, f"fixed-{len(ours)}")
    writer = LoopWriter(loop, _frame(guest, ours))
    used: list[list[float]] = [[], [], []]
    for _ in range(rounds):
        before = cpu(site.valkey)
        used[0].append(_steady(site.worker, ours, guest, rate, seconds))
        used[2].append((cpu(site.valkey) - before) / (max(1, round(rate * seconds)) * len(ours)))
        used[1].append(_steady(loop.process, theirs, writer, rate, seconds))
    name = f"{len(ours):,} readers, {rate:g} a second"
    table.add(f"{name}: chatpop", used[0])
    table.add(f"{name}: its Valkey", used[2])
    table.add(f"{name}: loop in C", used[1])
    table.ratio(f"{name}: chatpop / C", used[0], used[1], goal=2.0 if len(ours) == 1000 else None)


def _steady(pid: int, readers: Readers, writer: Writer, rate: float, seconds: float) -> float:
    """Microseconds a delivery."""
    number = max(1, round(rate * seconds))
    readers.begin()
    begun, start = cpu(pid), time.monotonic()
    for sent in range(number):
        writer.ask()
        writer.answered()
        readers.wait_for(sent + 1)
        readers.rest(start + (sent + 1) / rate - time.monotonic())
    return (cpu(pid) - begun) / (number * len(readers))


def _saturated(report: Report, site: Site, ours: Readers, rounds: int, seconds: float) -> None:
    """Always 16 messages on their way; a message is there when every reader has it."""
    guests = [Guest(site, f"many-{number}") for number in range(OUTSTANDING)]
    frame = _frame(guests[0], ours)
    used: list[list[float]] = [[], []]
    with running_loop("joined") as loop:
        theirs = Readers(loop.port, "/")
        theirs.come(len(ours))
        writers = [LoopWriter(loop, frame) for _ in range(OUTSTANDING)]
        for _ in range(rounds):
            used[0].append(_flood(site.worker, ours, guests, seconds))
            used[1].append(_flood(loop.process, theirs, writers, seconds))
    table = report.table(
        f"A delivery to {len(ours):,} readers, {OUTSTANDING} messages always on their way", "µs of CPU"
    )
    table.add("chatpop", used[0])
    table.add("loop in C, all that has arrived as one", used[1])
    table.ratio("chatpop / C", used[0], used[1], goal=4.2)


def _flood(pid: int, readers: Readers, writers: Sequence[Writer], seconds: float) -> float:
    readers.begin()
    sent, begun, end = 0, cpu(pid), time.monotonic() + seconds
    while time.monotonic() < end:
        most = readers.complete + OUTSTANDING
        while sent < most:
            writer = writers[sent % OUTSTANDING]
            if sent >= OUTSTANDING:
                writer.answered()
            writer.ask()
            sent += 1
        readers.take(1)
    readers.wait_for(sent)
    for writer in writers[:sent]:
        writer.answered()
    return (cpu(pid) - begun) / (sent * len(readers))


def _frame(writer: Guest, readers: Readers) -> bytes:
    """A message as the site sends it."""
    readers.begin()
    writer.ask()
    writer.answered()
    data = b""
    while not data.startswith(b"id: "):
        data = readers.take(5)
    readers.wait_for(1)
    return data


def _post(report: Report, rounds: int) -> None:
    """Nobody reads; each round asks all three in turn."""
    paths = {
        "null: who it is, and a limit": "/bench/null",
        "floor: null, one row, one fact": "/bench/floor",
        "a message": "",
    }
    used: dict[str, list[float]] = {name: [] for name in paths}
    with running_site() as site:
        guests = {name: Guest(site, name[:5], path) for name, path in paths.items()}
        for number in range(rounds + 1):
            for name, guest in guests.items():
                begun = cpu(site.worker)
                for _ in range(POSTS):
                    guest.ask()
                    guest.answered()
                if number:  # the first round warms up
                    used[name].append((cpu(site.worker) - begun) / POSTS / 1e3)
    table = report.table("Writing a message, one after another", "ms of CPU")
    for name, samples in used.items():
        table.add(name, samples)
    table.ratio("a message / floor", used["a message"], used["floor: null, one row, one fact"], goal=2.0)


if __name__ == "__main__":
    given = [float(text) for text in sys.argv[1:]] + [5, 5][len(sys.argv) - 1 :]
    sys.exit(0 if main(int(given[0]), given[1]) else 1)
