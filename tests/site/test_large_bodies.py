"""A body that is too large is answered, not cut off: the client hears why."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.site.process import RunningSite, running_site

pytestmark = pytest.mark.xdist_group("site")

PIECE = b"x" * 65536
LARGE = 5_000_000


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    with running_site(tmp_path_factory.mktemp("site")) as running:
        yield running


def begin(site: RunningSite, path: str, *headers: str) -> socket.socket:
    """A connection on which the head of a form has been sent."""
    client = socket.create_connection(("localhost", site.port), timeout=20)
    kind = "Content-Type: application/x-www-form-urlencoded"
    lines = (f"POST {path} HTTP/1.1", f"Host: localhost:{site.port}", f"Origin: {site.address}", kind, *headers)
    client.sendall("\r\n".join([*lines, "", ""]).encode())
    return client


def answer_on(client: socket.socket) -> bytes:
    """All that comes until the site closes."""
    pieces = []
    while piece := client.recv(65536):
        pieces.append(piece)
    return b"".join(pieces)


def seconds_until_cut_off(client: socket.socket) -> float:
    """How long the site bears somebody who goes on sending."""
    started = time.monotonic()
    with suppress(ConnectionError):
        while time.monotonic() < started + 15:
            client.sendall(PIECE[:1000])
            time.sleep(0.01)
    return time.monotonic() - started


@pytest.mark.parametrize(
    ("path", "status"), [("/rooms", b"413"), ("/login", b"413"), ("/language", b"413"), ("/nowhere", b"404")]
)
def test_the_answer_to_a_large_body_gets_through_where_the_connection_ends_with_it(
    site: RunningSite, path: str, status: bytes
) -> None:
    with begin(site, path, f"Content-Length: {LARGE}", "Connection: close") as client:
        client.sendall(b"x" * LARGE)
        answer = answer_on(client)
    assert answer.split()[1] == status
    assert answer.rstrip().endswith(b"</html>")


def test_a_body_in_chunks_is_answered_as_well(site: RunningSite) -> None:
    with begin(site, "/nowhere", "Transfer-Encoding: chunked", "Connection: close") as client:
        for _ in range(LARGE // len(PIECE)):
            client.sendall(b"10000\r\n" + PIECE + b"\r\n")
        client.sendall(b"0\r\n\r\n")
        assert answer_on(client).split()[1] == b"404"


def test_a_connection_that_is_kept_serves_the_next_request(site: RunningSite) -> None:
    with begin(site, "/nowhere", f"Content-Length: {LARGE}") as client:
        client.sendall(b"x" * LARGE)
        client.sendall(f"GET /healthz HTTP/1.1\r\nHost: localhost:{site.port}\r\nConnection: close\r\n\r\n".encode())
        first, second = [part[:4] for part in answer_on(client).split(b"HTTP/1.1 ")[1:]]
    assert (first, second) == (b"404 ", b"200 ")


def test_one_who_never_ends_is_cut_off_after_a_moment(site: RunningSite) -> None:
    with begin(site, "/nowhere", f"Content-Length: {10**15}", "Connection: close") as client:
        assert 1 < seconds_until_cut_off(client) < 6


def test_a_form_that_was_read_is_not_waited_for(site: RunningSite) -> None:
    with begin(site, "/language", "Content-Length: 11", "Connection: close") as client:
        client.sendall(b"language=de")
        assert answer_on(client).split()[1] == b"303"
        assert seconds_until_cut_off(client) < 1
