"""A browser's side of a stream, as a plain HTTP client."""

from __future__ import annotations

import http.client
import re
import socket
import time
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import urlencode

WAIT = 8.0
_SEQ = re.compile(r'data-seq="(\d+)"')


class Event(NamedTuple):
    kind: str
    id: int | None
    data: str

    @property
    def shown_seq(self) -> int:
        """The number of the message whose fragment this is."""
        found = _SEQ.search(self.data)
        assert found, self.data
        return int(found.group(1))


class StreamEnded(Exception):
    """The server has closed the stream."""


class Reader:
    """One open stream. ``next`` is the next event; ``log`` the next log entries."""

    def __init__(self, port: int, room_id: int, *, last_event_id: int | None = None, **query: str | int | None) -> None:
        sent = {name: value for name, value in query.items() if value is not None}
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT)
        headers = {"Last-Event-ID": str(last_event_id)} if last_event_id is not None else {}
        self._connection.request("GET", f"/t/stream/{room_id}?{urlencode(sent)}", headers=headers)
        self._socket = self._connection.sock
        self.answer = self._connection.getresponse()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def status(self) -> int:
        return self.answer.status

    def line(self, wait: float = WAIT) -> str:
        """The next line; raises :class:`StreamEnded`, or ``TimeoutError`` after ``wait`` seconds."""
        self._socket.settimeout(wait)
        try:
            line = self.answer.readline()
        except (ConnectionError, http.client.IncompleteRead):  # a process that dies leaves a chunk unfinished
            line = b""
        if not line:
            raise StreamEnded
        return line.decode().rstrip("\n")

    def next(self, *kinds: str, wait: float = WAIT) -> Event:
        """The next event (of these kinds); comments are passed over."""
        deadline = time.monotonic() + wait
        while True:
            event = self._event(deadline)
            if not kinds or event.kind in kinds:
                return event

    def log(self, count: int, wait: float = WAIT) -> list[Event]:
        """The next ``count`` log entries."""
        return [self.next("message", "delete", wait=wait) for _ in range(count)]

    def ids(self, count: int, wait: float = WAIT) -> list[int | None]:
        return [event.id for event in self.log(count, wait)]

    def end(self, wait: float = WAIT) -> list[Event]:
        """What still comes until the server closes the stream."""
        deadline, rest = time.monotonic() + wait, []
        try:
            while True:
                rest.append(self._event(deadline))
        except StreamEnded:
            return rest

    def close(self) -> None:
        self._socket.close()
        self.answer.close()
        self._connection.close()

    def _event(self, deadline: float) -> Event:
        fields: dict[str, list[str]] = {}
        while True:
            line = self.line(max(0.001, deadline - time.monotonic()))
            if line and not line.startswith(":"):
                name, _, value = line.partition(": ")
                fields.setdefault(name, []).append(value)
            elif not line and "event" in fields:
                seq = int(fields["id"][0]) if "id" in fields else None
                return Event(fields["event"][0], seq, "\n".join(fields["data"]))
            elif not line:
                fields = {}


def raw_reader(port: int, path: str, receive_buffer: int) -> socket.socket:
    """A connection that has asked for a stream and reads nothing."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    sock.connect(("127.0.0.1", port))
    sock.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    return sock
