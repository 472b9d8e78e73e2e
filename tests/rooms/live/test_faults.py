"""What a reader notices when something dies."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

import pytest
from redis import Redis

from chatpop.core import redis_keys
from tests.rooms.live.conftest import HANDED_OVER, Server, until
from tests.rooms.live.reader import raw_reader
from tests.support.valkey import RunningValkey

Serve = Callable[..., Server]


def test_two_processes_on_one_redis_both_deliver(serve: Serve, kind: str, room: int) -> None:
    one, two = serve(kind), serve(kind)
    with one.read(room) as here, two.read(room) as there:
        there.next("people")
        for number in range(1, 12):
            (one if number % 2 else two).say(room, f"m{number}")
        assert here.ids(11) == list(range(1, 12))
        assert there.ids(11, wait=2) == list(range(1, 12))


def test_a_process_without_readers_tells_the_others(serve: Serve, kind: str, room: int) -> None:
    silent, reading = serve(kind), serve(kind)
    with reading.read(room) as reader:
        reader.next("people")
        silent.say(room)
        assert reader.ids(1, wait=2) == [1]


def test_without_redis_delivery_goes_on_by_polling_and_with_it_again_by_facts(
    serve: Serve, kind: str, room: int, own_valkey: RunningValkey
) -> None:
    one, two = (serve(kind, redis_url=own_valkey.url) for _ in range(2))
    with one.read(room) as here, two.read(room) as there:
        there.next("people")
        own_valkey.stop()
        one.say(room)
        assert here.ids(1, wait=1) == [1]
        assert there.ids(1, wait=5) == [1]
        with two.read(room, after=0) as newcomer:
            assert newcomer.ids(1, wait=5) == [1]
        one.say(room)
        own_valkey.start()
        assert there.ids(1, wait=5) == [2]
        until(lambda: len(_subscribed(own_valkey, room)) == 1)
        time.sleep(1.5)  # both processes have subscribed anew: each waits a second at most
        started = time.monotonic()
        one.say(room)
        assert there.ids(1, wait=2) == [3]
        assert time.monotonic() - started < 1


def test_a_redis_that_hangs_holds_nobody_up(serve: Serve, kind: str, room: int, own_valkey: RunningValkey) -> None:
    one, two = (serve(kind, redis_url=own_valkey.url) for _ in range(2))
    with one.read(room) as here, two.read(room) as there:
        there.next("people")
        with Redis.from_url(own_valkey.url) as client:
            pid = int(str(client.execute_command("INFO")["process_id"]))
        os.kill(pid, signal.SIGSTOP)
        try:
            one.say(room)
            assert here.ids(1, wait=1) == [1]
            assert there.ids(1, wait=6) == [1]
        finally:
            os.kill(pid, signal.SIGCONT)


def test_an_entry_that_nobody_told_of_is_found(serve: Serve, kind: str, room: int) -> None:
    server = serve(kind, poll_up=0.5)
    with server.read(room) as reader:
        server.say(room, how="untold")
        assert reader.ids(1, wait=3) == [1]


def test_nonsense_in_redis_does_no_harm(server: Server, room: int, redis: Redis, valkey: RunningValkey) -> None:
    with server.read(room) as reader:
        until(lambda: _subscribed(valkey, room) != [])
        for text in ("", "{", "[]", "1", '{"room": "x"}', '{"room": 1e400}', f'{{"room": {room}}}'):
            redis.publish(redis_keys.room_events(room), text)
        for seq in (10**15, -5, 0):
            redis.publish(redis_keys.room_events(room), f'{{"room": {room}, "seq": {seq}, "kind": "message"}}')
        server.say(room)
        assert reader.ids(1) == [1]


def test_a_slow_reader_is_dropped_and_the_others_notice_nothing(serve: Serve, room: int) -> None:
    server = serve(HANDED_OVER)
    slow = raw_reader(server.port, f"/t/stream/{room}?after=0", receive_buffer=4096)
    with server.read(room) as reader:
        until(lambda: server.people(room)["readers"] == 2)
        text = "x" * 4000
        for seq in range(1, 201):
            started = time.monotonic()
            server.say(room, text)
            assert reader.ids(1) == [seq]
            assert time.monotonic() - started < 2
        until(lambda: server.people(room)["readers"] == 1)
    slow.close()


def test_a_reader_that_was_slow_for_a_moment_gets_everything(serve: Serve, room: int) -> None:
    server = serve(HANDED_OVER)
    slow = raw_reader(server.port, f"/t/stream/{room}?after=0", receive_buffer=4096)
    until(lambda: server.people(room)["readers"] == 1)
    for _ in range(80):
        server.say(room, "x" * 4000)
    server.say(room, "last")
    slow.settimeout(5)
    received = b""
    while b"last" not in received:
        received += slow.recv(65536)
    assert [f"id: {seq}\n".encode() in received for seq in range(1, 82)] == [True] * 81
    slow.close()


def test_closed_readers_are_missed_within_two_seconds(serve: Serve, kind: str, room: int) -> None:
    server = serve(kind, tick=1.0, beats=1000)
    with server.read(room) as watcher, server.read(room, name="hana") as leaving:
        while ">hana<" not in watcher.next("people").data:
            pass
        leaving.next("people")
        leaving.close()
        until(lambda: server.people(room)["people"] == [], wait=2.5)
        assert ">hana<" not in watcher.next("people", wait=2).data


def test_a_killed_process_leaves_no_ghosts(serve: Serve, kind: str, room: int) -> None:
    limit = {"MAX_STREAMS_PER_NETWORK": "2"}
    one, two = serve(kind, environ=limit), serve(kind, environ=limit)
    readers = [one.read(room, name="gus", network="a"), one.read(room, network="a")]
    until(lambda: two.people(room) == {"people": ["gus"], "readers": 1, "count": 2})
    one.kill()
    until(lambda: two.people(room)["people"] == [])
    with two.read(room, name="hana", network="a") as reader:
        assert reader.status == 200
        until(lambda: two.people(room) == {"people": ["hana"], "readers": 0, "count": 1})
    for reader in readers:
        reader.close()


def test_readers_of_a_killed_process_take_up_at_another(serve: Serve, kind: str, room: int) -> None:
    one, two = serve(kind), serve(kind)
    with one.read(room, after=0) as reader:
        one.say(room)
        assert reader.ids(1) == [1]
        one.kill()
    two.say(room)
    with two.read(room, last_event_id=1) as reader:
        assert reader.ids(1) == [2]


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGQUIT])
def test_a_process_that_ends_takes_its_people_and_numbers_away(
    serve: Serve, room: int, redis: Redis, signal_number: int
) -> None:
    server = serve(HANDED_OVER)
    with server.read(room, name="gus", network="a") as reader:
        until(lambda: redis.hlen(redis_keys.room_presence(room)) == 1)
        assert redis.hlen(redis_keys.network_streams("a")) == 1
        server.process.send_signal(signal_number)
        reader.end(4)
        until(
            lambda: (
                not redis.exists(
                    redis_keys.room_presence(room),
                    redis_keys.room_people(room),
                    redis_keys.network_streams("a"),
                    redis_keys.live_processes(),
                )
            )
        )


def _subscribed(valkey: RunningValkey, room_id: int) -> list[str]:
    with Redis.from_url(valkey.url, decode_responses=True) as client:
        return list(client.pubsub_channels(redis_keys.room_events(room_id)))
