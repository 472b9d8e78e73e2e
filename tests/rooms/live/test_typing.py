"""Who is typing: heard in all processes, coalesced, gone in time, and never a part of the log."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from tests.rooms.live.conftest import Server
from tests.rooms.live.reader import Reader

Serve = Callable[..., Server]


def names(reader: Reader) -> list[str]:
    event = reader.next("typing")
    assert event.id is None
    return re.findall(r'<li data-tag="[^"]+">([^<]+)</li>', event.data)


def test_it_is_heard_in_every_process_and_ends_with_the_time(serve: Serve, kind: str, room: int) -> None:
    one, two = serve(kind, typing=1.0), serve(kind, typing=1.0)
    with one.read(room) as here, two.read(room) as there:
        here.next("people")
        there.next("people")
        one.type(room, "gus")
        for reader in (here, there):
            assert names(reader) == ["gus"]
            assert names(reader) == []


def test_it_ends_with_the_message(serve: Serve, kind: str, room: int) -> None:
    server = serve(kind, typing=30.0)
    with server.read(room) as reader:
        reader.next("people")
        server.type(room, "hana")
        assert names(reader) == ["hana"]
        server.type(room, "gus", tag="tag")
        assert names(reader) == ["hana", "gus"]
        server.say(room, "written")
        assert reader.ids(1) == [1]
        assert names(reader) == ["hana"]


def test_many_signs_are_few_events_with_few_names(serve: Serve, kind: str, room: int) -> None:
    server = serve(kind, tick=1.0)
    with server.read(room) as reader:
        reader.next("people")
        started = time.monotonic()
        for number in range(20):
            server.type(room, f"p{number:02}")
        events, shown = 1, names(reader)
        while len(shown) < 5:
            events, shown = events + 1, names(reader)
        assert events <= 1 + (time.monotonic() - started)
        assert len(shown) == 5


def test_another_room_hears_nothing(serve: Serve, kind: str, room: int, make_room: Callable[[], int]) -> None:
    server, other = serve(kind), make_room()
    with server.read(other) as reader:
        reader.next("people")
        server.type(room, "gus")
        server.type(other, "hana")
        assert names(reader) == ["hana"]
