"""Readers that take less than they are given."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator

import pytest

from chatpop.rooms.live.listeners import BACKLOG_BYTES, QueueListener, SocketListener
from chatpop.rooms.live.subscription import Subscription

WANTED = Subscription(1, "CODE", None, None, "net", lambda: True)


@pytest.fixture
def pair() -> Iterator[tuple[SocketListener, socket.socket, list[SocketListener]]]:
    """A listener, its reader's end with a small buffer, and who was reported as blocked."""
    ours, theirs = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    blocked: list[SocketListener] = []
    listener = SocketListener(WANTED, blocked.append)
    fd = os.dup(ours.fileno())
    os.set_blocking(fd, False)
    listener.attach(fd)
    ours.close()
    yield listener, theirs, blocked
    listener.close()
    theirs.close()


def test_what_a_socket_does_not_take_is_kept_in_order(
    pair: tuple[SocketListener, socket.socket, list[SocketListener]],
) -> None:
    listener, theirs, blocked = pair
    chunks = [bytes([number]) * 5_000 for number in range(20)]
    assert all(listener.push(chunk) for chunk in chunks)
    assert blocked == [listener]
    received = b""
    while len(received) < 100_000:
        received += theirs.recv(65536)
        assert listener.flush()
    assert received == b"".join(chunks)
    assert listener.backlog is None


def test_a_backlog_has_a_bound(pair: tuple[SocketListener, socket.socket, list[SocketListener]]) -> None:
    listener, _theirs, _blocked = pair
    pushed = 0
    while listener.push(b"x" * 10_000):
        pushed += 10_000
        assert pushed < BACKLOG_BYTES + 100_000
    assert pushed >= BACKLOG_BYTES - 10_000


def test_a_closed_end_is_noticed_by_writing(
    pair: tuple[SocketListener, socket.socket, list[SocketListener]],
) -> None:
    listener, theirs, _blocked = pair
    theirs.close()
    assert not listener.push(b"x")


def test_a_closed_listener_never_writes_to_whoever_has_its_number_now(
    pair: tuple[SocketListener, socket.socket, list[SocketListener]],
) -> None:
    listener, _theirs, _blocked = pair
    number = listener.fd
    other, others_end = socket.socketpair()
    listener.close()
    listener.close()
    os.dup2(other.fileno(), number)
    assert not listener.push(b"x")
    assert not listener.flush()
    others_end.setblocking(False)
    with pytest.raises(BlockingIOError):
        others_end.recv(1)
    os.close(number)
    other.close()
    others_end.close()


def test_a_queue_joins_what_waits_and_has_a_bound() -> None:
    listener = QueueListener(WANTED, None)
    assert listener.push(b"a")
    assert listener.push(b"b")
    assert listener.take(0) == b"ab"
    assert listener.take(0) == b""
    assert listener.push(b"x" * BACKLOG_BYTES)
    assert not listener.push(b"y")


def test_closing_a_queue_wakes_its_generator_which_takes_the_rest_first() -> None:
    listener = QueueListener(WANTED, None)
    taken: list[bytes | None] = []

    def generate() -> None:
        while (data := listener.take(10)) is not None:
            taken.append(data)
        taken.append(data)

    generator = threading.Thread(target=generate)
    generator.start()
    listener.push(b"last")
    listener.close()
    generator.join(5)
    assert taken == [b"last", None]
