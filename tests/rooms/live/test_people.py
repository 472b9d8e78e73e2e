"""Who is here, as readers and pages are told."""

from __future__ import annotations

import time
from collections.abc import Callable

from flask import Flask

from chatpop.rooms.live import Person, Presence, live
from chatpop.rooms.live.presence import SHOWN, Part, merge
from tests.rooms.live.conftest import Server, until

Serve = Callable[..., Server]


def test_joins_and_leaves_of_all_processes_are_told(serve: Serve, kind: str, room: int) -> None:
    one, two = serve(kind), serve(kind)
    with one.read(room) as watcher:
        assert "1 reading along" in watcher.next("people").data
        with two.read(room, name="gus"):
            assert ">gus<" in watcher.next("people", wait=3).data
        assert ">gus<" not in watcher.next("people", wait=3).data


def test_a_person_with_two_tabs_is_one_person(serve: Serve, kind: str, room: int) -> None:
    one, two = serve(kind), serve(kind)
    with one.read(room, name="gus") as first, one.read(room, name="gus"), two.read(room, name="gus"):
        until(lambda: one.people(room) == {"people": ["gus"], "readers": 0, "count": 1})
        first.close()
        with two.read(room):
            until(lambda: one.people(room) == {"people": ["gus"], "readers": 1, "count": 2})


def test_many_joins_are_few_events(serve: Serve, kind: str, room: int) -> None:
    server = serve(kind, tick=1.0)
    with server.read(room) as watcher:
        started = time.monotonic()
        readers = [server.read(room, name=f"p{number:02}") for number in range(30)]
        events = 1
        while ">p29<" not in watcher.next("people").data:
            events += 1
        assert events <= 2 + (time.monotonic() - started)
        for reader in readers:
            reader.close()


def test_who_comes_later_sees_who_is_here(server: Server, room: int) -> None:
    with server.read(room, name="gus") as first, server.read(room, name="hana") as second:
        until(lambda: server.people(room)["people"] == ["gus", "hana"])
        while ">hana<" not in first.next("people").data:
            pass
        with server.read(room, name="gus") as tab:
            assert ">hana<" in tab.next("people", wait=2).data
        assert second.status == 200


def test_a_page_sees_the_people_without_any_reader_of_its_process(
    serve: Serve, kind: str, room: int, app: Flask
) -> None:
    server = serve(kind)
    with server.read(room, name="gus"), server.read(room):
        until(lambda: live.people(room).count == 2)
        assert live.people(room) == Presence([Person("tag-gus", "gus")], 1)
        until(lambda: live.head_counts([room, 999]) == {room: 2, 999: 0})


def test_without_redis_a_page_knows_its_own_process_only(make_app: Callable[..., Flask], room: int) -> None:
    make_app(REDIS_URL="redis://127.0.0.1:1/0")
    assert live.people(room) == Presence()
    assert live.head_counts([room]) == {room: 0}


def test_thousands_are_listed_by_number() -> None:
    crowd = frozenset(Person(f"tag{number}", f"P{number:04}") for number in range(3_000))
    presence = merge([Part(crowd, 7), Part(crowd, 1)])
    assert [name for _tag, name in presence.people] == [f"P{number:04}" for number in range(SHOWN)]
    assert (presence.count, presence.hidden, presence.readers) == (3_008, 3_000 - SHOWN, 8)
