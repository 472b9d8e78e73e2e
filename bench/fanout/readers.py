"""The load generator: many readers on one epoll, and writers on connections that stay open."""

from __future__ import annotations

import select
import socket
import time
import urllib.parse

from bench.fanout.servers import Loop, Site

PATIENCE = 60
KEPT_SECONDS = 3.0
"""A connection that was idle for longer may be closed by the server (after five), so a new one is made."""
PIECE = 1 << 18
MARK = b"event: message"
TEXT = "a message of some forty characters here!"


class Readers:
    """Counts the messages that arrive on all of its connections."""

    def __init__(self, port: int, path: str) -> None:
        self._port, self._path = port, path
        self._poll = select.epoll()
        self._by_fd: dict[int, socket.socket] = {}
        self._tails: dict[int, bytes] = {}
        self._counts: dict[int, int] = {}
        self.received = 0

    def __len__(self) -> int:
        return len(self._by_fd)

    def come(self, number: int) -> None:
        """So many more; each has had the head of its answer."""
        for _ in range(number):
            sock = socket.create_connection(("127.0.0.1", self._port))
            sock.settimeout(PATIENCE)
            sock.sendall(f"GET {self._path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            head = sock.recv(4096)
            assert head.startswith(b"HTTP/1.1 200"), head
            sock.setblocking(False)
            self._by_fd[sock.fileno()] = sock
            self._counts[sock.fileno()] = 0
            self._poll.register(sock.fileno(), select.EPOLLIN)

    def go(self) -> None:
        """All of them at once."""
        for fd, sock in self._by_fd.items():
            self._poll.unregister(fd)
            sock.close()
        self._by_fd.clear()
        self._tails.clear()
        self._counts.clear()

    def begin(self) -> None:
        """Count from none again."""
        self.received = 0
        self._counts = dict.fromkeys(self._counts, 0)

    @property
    def complete(self) -> int:
        """How many messages every reader has had."""
        return min(self._counts.values())

    def take(self, wait: float) -> bytes:
        """Read what there is within ``wait`` seconds; the last piece."""
        data = b""
        for fd, _ in self._poll.poll(wait):
            data = self._by_fd[fd].recv(PIECE)
            if not data:
                raise ConnectionError("a reader was dropped")
            if fd in self._tails:
                data = self._tails.pop(fd) + data
            if not data.endswith(b"\n\n"):  # a frame that goes on; what is kept is too short to be counted twice
                self._tails[fd] = data[-len(MARK) + 1 :]
            arrived = data.count(MARK)
            self.received += arrived
            self._counts[fd] += arrived
        return data

    def wait_for(self, messages: int) -> None:
        """Until every reader has had so many in all."""
        deadline = time.monotonic() + PATIENCE
        while self.received < messages * len(self):
            self.take(1)
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.received} of {messages * len(self)} have arrived")

    def rest(self, seconds: float) -> None:
        """Read whatever comes meanwhile."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self.take(left)


class Writer:
    """One connection of somebody who writes, kept open as a browser keeps it."""

    def __init__(self, port: int) -> None:
        self._port, self._used = port, 0.0
        self._connect()

    def ask(self) -> None:
        """Send a message; its answer is to be taken before the next."""
        if time.monotonic() - self._used > KEPT_SECONDS:
            self._sock.close()
            self._connect()
        self._used = time.monotonic()
        self._sock.sendall(self._request())

    def _request(self) -> bytes:
        raise NotImplementedError

    def _connect(self) -> None:
        self._sock = socket.create_connection(("127.0.0.1", self._port))
        self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sock.settimeout(PATIENCE)
        self._used = time.monotonic()

    def answered(self) -> None:
        """Take the answer. Raises where the message was refused."""
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _, rest = data.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 201"):
            raise ConnectionError(head.decode())
        length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        while len(rest) < length:
            rest += self._more()

    def close(self) -> None:
        self._sock.close()

    def _more(self) -> bytes:
        data = self._sock.recv(65536)
        if not data:
            raise ConnectionError("the connection was closed")
        return data


class Guest(Writer):
    """The site's guest, who writes as the room's page does; or to another of the site's addresses."""

    def __init__(self, site: Site, name: str, path: str = "") -> None:
        super().__init__(site.port)
        self._site, self._name, self._count = site, name, 0
        self._path = path or f"/rooms/{site.code}/messages"

    def _request(self) -> bytes:
        self._count += 1
        body = urllib.parse.urlencode({"client_id": f"{self._name}-{self._count}", "body": TEXT})
        return (
            f"POST {self._path} HTTP/1.1\r\nHost: localhost\r\n"
            f"Cookie: {self._site.cookies}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            "Accept: */*\r\nAccept-Language: en-US,en;q=0.5\r\nHX-Request: true\r\nSec-Fetch-Site: same-origin\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
        )


class LoopWriter(Writer):
    """Gives the loop in C the same bytes to send."""

    def __init__(self, loop: Loop, frame: bytes) -> None:
        super().__init__(loop.port)
        head = f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(frame)}\r\n\r\n"
        self._whole = head.encode() + frame

    def _request(self) -> bytes:
        return self._whole
