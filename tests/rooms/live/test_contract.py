"""What a reader may rely on, whichever way the stream is served."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable

import pytest
from redis import Redis

from tests.rooms.live.conftest import Server, until
from tests.rooms.live.reader import Reader


def test_the_head_comes_at_once_and_forbids_storing(server: Server, room: int) -> None:
    with server.read(room) as reader:
        headers = reader.answer.headers
        assert reader.status == 200
        assert headers["Content-Type"] == "text/event-stream; charset=utf-8"
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Accel-Buffering"] == "no"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in headers
        assert reader.line() == "retry: 1000"


def test_a_head_request_is_answered_and_ends(server: Server, room: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    connection.request("HEAD", f"/t/stream/{room}")
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/event-stream; charset=utf-8")
    assert answer.read() == b""
    connection.close()
    assert server.people(room)["readers"] == 0


def test_what_is_said_after_the_head_is_heard_and_nothing_from_before(server: Server, room: int) -> None:
    server.say(room, "before")
    with server.read(room) as reader:
        seq = server.say(room, "after")
        event = reader.next("message")
        assert (event.id, event.shown_seq) == (seq, seq)
        assert "after" in event.data


@pytest.mark.parametrize("how", ["entry", "number"])
def test_missed_entries_are_replayed_and_then_it_goes_on_live(server: Server, room: int, how: str) -> None:
    for number in range(1, 6):
        server.say(room, f"m{number}", how)
    with server.read(room, after=2) as reader:
        assert reader.ids(3) == [3, 4, 5]
        server.say(room, "m6", how)
        assert reader.ids(1) == [6]


def test_last_event_id_beats_after(server: Server, room: int) -> None:
    for number in range(1, 4):
        server.say(room, f"m{number}")
    with server.read(room, after=0, last_event_id=2) as reader:
        assert reader.ids(1) == [3]


def test_a_number_from_the_future_means_from_now(server: Server, room: int) -> None:
    server.say(room)
    with server.read(room, after=9_000_000_000_000) as reader:
        assert server.say(room) == 2
        assert reader.ids(1) == [2]


def test_a_replay_longer_than_any_buffer_comes_whole(server: Server, room: int) -> None:
    text = "x" * 900
    for _ in range(450):
        server.say(room, text)
    with server.read(room, after=0) as reader:
        assert reader.ids(450) == list(range(1, 451))
        server.say(room)
        assert reader.ids(1) == [451]


def test_a_deletion_is_an_entry_and_the_text_does_not_come_back(server: Server, room: int) -> None:
    with server.read(room, after=0) as early:
        server.say(room, "regretted")
        assert "regretted" in early.next("message").data
        server.delete(room, 1)
        gone = early.next("delete")
        assert (gone.id, gone.shown_seq) == (2, 1)
        assert "regretted" not in gone.data
        with server.read(room, after=0) as late:
            message, deletion = late.log(2)
            assert (message.id, deletion.id, deletion.kind) == (1, 2, "delete")
            assert "regretted" not in message.data


def test_lines_of_a_message_stay_lines(server: Server, room: int) -> None:
    with server.read(room) as reader:
        server.say(room, "one%0Atwo%0A%0Aid:%2099%0Aevent:%20end")
        event = reader.next()
        while event.kind == "people":
            event = reader.next()
        assert (event.id, event.kind) == (1, "message")
        assert "one\ntwo\n\nid: 99\nevent: end" in event.data


def test_readers_that_come_while_many_write_miss_nothing_and_get_nothing_twice(server: Server, room: int) -> None:
    total, writers = 120, 4
    seen: dict[int, list[int | None]] = {}
    said: list[int] = []

    def write() -> None:
        for number in range(total // writers):
            said.append(server.say(room, f"m{number}", ["entry", "number"][number % 2]))

    def read(number: int) -> None:
        until(lambda: len(said) >= number * 3, wait=20)  # who claims to have read more than there is begins at now
        with server.read(room, after=number) as reader:
            seen[number] = reader.ids(total - number, wait=20)

    threads = [threading.Thread(target=write) for _ in range(writers)]
    threads += [threading.Thread(target=read, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {number: list(range(number + 1, total + 1)) for number in range(8)}


def test_an_idle_stream_gets_a_comment_now_and_then(server: Server, room: int) -> None:
    with server.read(room) as reader:
        lines = [reader.line() for _ in range(20)]
        assert ": here" in lines


def test_a_reader_that_may_no_longer_is_told_so_and_ended(server: Server, room: int, redis: Redis) -> None:
    with server.read(room, guard="banned") as banned, server.read(room) as other:
        redis.set("banned", "1")
        assert banned.end()[-1].kind == "end"
        server.say(room)
        assert other.ids(1) == [1]


def test_a_ban_is_felt_at_once(serve: Callable[..., Server], kind: str, room: int, redis: Redis) -> None:
    server, second = serve(kind, beats=1000), serve(kind, beats=1000)
    with server.read(room, guard="banned") as here, second.read(room, guard="banned") as there:
        there.next("people")
        redis.set("banned", "1")
        server.recheck(room)
        assert here.end(2)[-1].kind == "end"
        assert there.end(2)[-1].kind == "end"


def test_a_stream_ends_with_its_life_and_can_be_taken_up(serve: Callable[..., Server], kind: str, room: int) -> None:
    server = serve(kind, life=1.0)
    with server.read(room, after=0) as reader:
        server.say(room)
        events = [event for event in reader.end() if event.kind != "people"]
        assert [event.id for event in events] == [1]
    server.say(room)
    with server.read(room, last_event_id=1) as reader:
        assert reader.ids(1) == [2]


def test_a_full_process_refuses_and_has_room_again(serve: Callable[..., Server], kind: str, room: int) -> None:
    server = serve(kind, most=2)
    with server.read(room) as one, server.read(room) as two, server.read(room) as three:
        assert [one.status, two.status, three.status] == [200, 200, 503]
        assert int(three.answer.headers["Retry-After"]) > 0
        one.close()
        until(lambda: _status(server, room) == 200)
        server.say(room)
        assert two.ids(1) == [1]


def test_a_network_has_a_share_that_all_processes_count(serve: Callable[..., Server], kind: str, room: int) -> None:
    limit = {"MAX_STREAMS_PER_NETWORK": "2"}
    one, two = serve(kind, environ=limit), serve(kind, environ=limit)
    with one.read(room, network="a") as first, two.read(room, network="a") as second:
        assert (first.status, second.status) == (200, 200)
        with two.read(room, network="a") as third, two.read(room, network="b") as stranger:
            assert (third.status, stranger.status) == (429, 200)
            assert int(third.answer.headers["Retry-After"]) > 0
        first.close()
        until(lambda: _status(two, room, network="a") == 200)


def test_ending_the_server_ends_the_streams_soon(server: Server, room: int) -> None:
    with server.read(room) as reader:
        reader.next("people")
        started = time.monotonic()
        server.process.terminate()
        reader.end()
        assert time.monotonic() - started < 4


def test_descriptors_are_given_back(server: Server, room: int) -> None:
    server.say(room)
    with server.read(room) as reader:
        reader.next("people")
    until(lambda: server.connections() == 0)
    readers = [server.read(room, after=0) for _ in range(20)]
    try:
        assert [reader.ids(1) for reader in readers] == [[1]] * 20
        assert server.connections() == 20
    finally:
        for reader in readers:
            reader.close()
    until(lambda: server.connections() == 0)


def _status(server: Server, room: int, network: str | None = None) -> int:
    with Reader(server.port, room, network=network) as reader:
        return reader.status
