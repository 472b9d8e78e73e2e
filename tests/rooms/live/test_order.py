"""The one rule of order, with real threads and a real log: everybody gets every entry once, in order."""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import event

from chatpop.extensions import db
from chatpop.rooms import history
from chatpop.rooms.history import LogEntry
from chatpop.rooms.live.background import keep_doing
from chatpop.rooms.live.hub import Hub
from chatpop.rooms.live.listeners import QueueListener
from chatpop.rooms.live.subscription import Subscription
from chatpop.rooms.live.writer import Writer
from chatpop.rooms.models import EventKind
from tests.conftest import both_databases
from tests.rooms.live.site import store_deletion, store_message

_ID = re.compile(rb"^id: (\d+)$", re.MULTILINE)


@pytest.fixture
def hub(app: Flask) -> Iterator[Hub]:
    """A hub and its writer."""
    made, stopped = Hub(app, lambda: None, lambda _listener: None), threading.Event()
    writer = keep_doing("writer", Writer(made, lambda *_: None).write_once, stopped)
    yield made
    stopped.set()
    made.end_all()
    made.news.nudge()
    writer.join()


def reader(hub: Hub, room: int, after: int | None = None) -> QueueListener:
    subscription = Subscription(room, "CODE", after, None, "net", lambda: True)
    listener = QueueListener(subscription, None)
    hub.enter(listener)
    return listener


def received(hub: Hub, listener: QueueListener, until: int) -> bytes:
    """Replay and live bytes up to the entry ``until``."""
    data = b"".join(hub.joining(listener))
    while f"id: {until}\n".encode() not in data:
        more = listener.take(10)
        assert more, "the stream ended or stalled"
        data += more
    return data


def ids(data: bytes) -> list[int]:
    return [int(found) for found in _ID.findall(data)]


@both_databases
def test_concurrent_writers_and_late_readers(app: Flask, hub: Hub, room: int) -> None:
    writers, each, early, dice = 4, 30, 5, random.Random(7)
    total = early + writers * each
    facts: list[int] = []
    results: list[tuple[int, list[int]]] = []

    def write(seed: int) -> None:
        dice = random.Random(seed)
        for number in range(each):
            with app.app_context():
                message = store_message(room, f"m{number}")
                entry = LogEntry(message.seq, EventKind.MESSAGE, message)
                facts.append(message.seq)
                how = dice.randrange(4)
                if how == 0:
                    hub.tell(room, entry.seq, entry)
                elif how == 1:
                    hub.tell(room, entry.seq)
                elif how == 2:  # late, out of order, doubled
                    for seq in dice.sample(facts, min(3, len(facts))):
                        hub.tell(room, seq)
                # else: lost
                db.session.remove()

    def read(after: int) -> None:
        listener = reader(hub, room, after)
        results.append((after, ids(received(hub, listener, total))))
        hub.leave(listener)

    with app.app_context():
        for number in range(early):
            store_message(room, f"early {number}")
    threads = [threading.Thread(target=write, args=(seed,)) for seed in range(writers)]
    for thread in threads:
        thread.start()
    readers = []
    for _ in range(12):
        time.sleep(0.01)
        readers.append(threading.Thread(target=read, args=(dice.randrange(early + 1),)))
        readers[-1].start()
    for thread in threads:
        thread.join()
    hub.look([room])  # as the poll does
    for thread in readers:
        thread.join()
    assert len(results) == 12
    for after, seen in results:
        assert seen == list(range(after + 1, total + 1))


def test_facts_from_before_the_first_reader_was_ready_are_not_lost(
    app: Flask, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = Hub(app, lambda: None, lambda _listener: None)
    last_seqs = history.last_seqs

    def interrupted(room_ids: list[int]) -> dict[int, int]:
        found = last_seqs(room_ids)
        with app.app_context():
            message = store_message(room, "in between")
            hub.tell(room, message.seq)
        Writer(hub, lambda *_: None).write_once()
        return found

    monkeypatch.setattr(history, "last_seqs", interrupted)
    listener = reader(hub, room)
    Writer(hub, lambda *_: None).write_once()
    assert ids(received(hub, listener, 1)) == [1]


def test_a_replay_that_was_read_before_a_deletion_does_not_revive_the_text(
    app: Flask, hub: Hub, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        store_message(room, "regretted")
    watcher = reader(hub, room)
    assert b"".join(hub.joining(watcher)) == b""
    read_log = history.read_log

    def stale(room_id: int, after: int, limit: int) -> list[LogEntry]:
        found = read_log(room_id, after, limit)
        monkeypatch.undo()
        with app.app_context():
            entry = store_deletion(room, 1)
            hub.tell(room, entry.seq, entry)
        assert b"id: 2" in (watcher.take(10) or b"")
        return found

    monkeypatch.setattr(history, "read_log", stale)
    first = reader(hub, room, 0)
    assert ids(received(hub, first, 2)) == [1, 2]
    second = reader(hub, room, 0)
    data = received(hub, second, 2)
    assert ids(data) == [1, 2]
    assert b"regretted" not in data


def test_a_reader_who_knows_more_than_this_process_waits_for_it(app: Flask, hub: Hub, room: int) -> None:
    watcher = reader(hub, room)
    list(hub.joining(watcher))
    with app.app_context():
        for number in range(3):
            store_message(room, f"m{number}")  # told to another process only
    ahead = reader(hub, room, 2)
    assert ids(received(hub, ahead, 3)) == [3]
    assert ids(received(hub, watcher, 3)) == [1, 2, 3]


def test_a_thousand_who_come_back_at_once_cost_one_reading(
    app: Flask, hub: Hub, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        for number in range(30):
            store_message(room, f"m{number}")
    readings = []
    read_log = history.read_log

    def counted(room_id: int, after: int, limit: int) -> list[LogEntry]:
        readings.append(after)
        return read_log(room_id, after, limit)

    monkeypatch.setattr(history, "read_log", counted)
    listeners = [reader(hub, room, 10) for _ in range(1_000)]
    for listener in listeners:
        assert ids(b"".join(hub.joining(listener))) == list(range(11, 31))
    assert len(readings) <= 2


@both_databases
def test_what_is_committed_in_the_middle_of_reading_leaves_no_gap(app: Flask, room: int) -> None:
    """The log is two tables; a deletion read without the message before it would skip that message."""
    done: list[int] = []

    def interrupt(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "FROM messages" in statement and "room_events" not in statement and not done:
            done.append(1)
            writer = threading.Thread(target=write)
            writer.start()
            writer.join()

    def write() -> None:
        with app.app_context():
            store_message(room, "in between")
            store_deletion(room, 1)

    with app.app_context():
        store_message(room, "first")
        event.listen(db.engine, "after_cursor_execute", interrupt)
        try:
            found = [entry.seq for entry in history.read_log(room, 0)]
        finally:
            event.remove(db.engine, "after_cursor_execute", interrupt)
    assert done
    assert found == list(range(1, len(found) + 1))
