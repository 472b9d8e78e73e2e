"""Who is typing: heard in all processes, coalesced, gone in time, and never a part of the log."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import cast

from redis import Redis

from chatpop.core import redis_keys
from tests.rooms.live.conftest import Server, until
from tests.rooms.live.reader import Reader

Serve = Callable[..., Server]


def names(reader: Reader) -> list[str]:
    event = reader.next("typing")
    assert event.id is None
    return re.findall(r'<li data-tag="[^"]+">([^<]+)</li>', event.data)


def wait_for_ears(redis: Redis, room: int, count: int = 1) -> None:
    """Until so many processes hear the room's facts: what is told before that is lost, and may be."""
    channel = redis_keys.room_events(room)
    until(lambda: cast("list[tuple[str, int]]", redis.pubsub_numsub(channel))[0][1] == count)


def test_it_is_heard_in_every_process_and_ends_with_the_time(serve: Serve, kind: str, room: int, redis: Redis) -> None:
    one, two = serve(kind, typing=3.0), serve(kind, typing=3.0)
    with one.read(room) as here, two.read(room) as there:
        wait_for_ears(redis, room, 2)
        one.type(room, "gus")
        for reader in (here, there):
            assert names(reader) == ["gus"]
            assert names(reader) == []


def test_it_ends_with_the_message(serve: Serve, kind: str, room: int, redis: Redis) -> None:
    server = serve(kind, typing=30.0)
    with server.read(room) as reader:
        wait_for_ears(redis, room)
        server.type(room, "hana")
        assert names(reader) == ["hana"]
        server.type(room, "gus", tag="tag")
        assert names(reader) == ["hana", "gus"]
        server.say(room, "written")
        assert reader.ids(1) == [1]
        assert names(reader) == ["hana"]


def test_many_signs_are_few_events_with_few_names(serve: Serve, kind: str, room: int, redis: Redis) -> None:
    server = serve(kind, tick=1.0)
    with server.read(room) as reader:
        wait_for_ears(redis, room)
        started = time.monotonic()
        for number in range(20):
            server.type(room, f"p{number:02}")
        events, shown = 1, names(reader)
        while len(shown) < 5:
            events, shown = events + 1, names(reader)
        assert events <= 1 + (time.monotonic() - started)
        assert len(shown) == 5


def test_another_room_hears_nothing(
    serve: Serve, kind: str, room: int, make_room: Callable[[], int], redis: Redis
) -> None:
    server, other = serve(kind), make_room()
    with server.read(other) as reader:
        wait_for_ears(redis, other)
        server.type(room, "gus")
        server.type(other, "hana")
        assert names(reader) == ["hana"]
