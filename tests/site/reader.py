"""A reader of a room's stream who connects again and resumes after the last event, as browsers do."""

from __future__ import annotations

import html
import http.client
import re
import socket
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import NamedTuple, Self

from tests.running.waiting import until

_BODY = re.compile(r'<div class="message-body"[^>]*>(.*?)</div>', re.S)
_PAUSE = 0.1


class Heard(NamedTuple):
    seq: int
    kind: str
    body: str


class LiveReader:
    """Reads in a thread of its own. ``heard`` are the numbered events in the order in which they came."""

    def __init__(self, port: int, code: str, cookies: str = "") -> None:
        self.heard: list[Heard] = []
        self.connections = 0
        self._port = port
        self._path = f"/rooms/{code}/stream?after=0"
        self._cookies = cookies
        self._socket: socket.socket | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        until(lambda: self.connections)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        with suppress(OSError):
            if self._socket:
                self._socket.shutdown(socket.SHUT_RDWR)  # wakes a thread that waits for the next line
        self._thread.join(20)

    @property
    def bodies(self) -> list[str]:
        return [one.body for one in self.heard if one.kind == "message"]

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self._read()
            except (OSError, http.client.HTTPException):
                time.sleep(_PAUSE)

    def _read(self) -> None:
        connection = http.client.HTTPConnection("localhost", self._port, timeout=1)
        headers = {"Accept": "text/event-stream", "Cookie": self._cookies}
        if self.heard:
            headers["Last-Event-ID"] = str(self.heard[-1].seq)
        try:
            connection.request("GET", self._path, headers=headers)
            self._socket = sock = connection.sock
            answer = connection.getresponse()
            if answer.status != 200:
                raise http.client.HTTPException(answer.status)
            self.connections += 1
            sock.settimeout(18)  # the server says something at least that often
            self._events(answer)
        finally:
            connection.close()

    def _events(self, answer: http.client.HTTPResponse) -> None:
        fields: dict[str, str] = {}
        while not self._ended.is_set():
            line = answer.readline().decode()
            if not line:
                raise ConnectionResetError
            name, _, value = line.rstrip("\n").partition(": ")
            if name:
                fields[name] = f"{fields[name]}\n{value}" if name == "data" and name in fields else value
                continue
            if "id" in fields and fields.get("event") in ("message", "delete"):
                found = _BODY.search(fields["data"])
                text = html.unescape(found.group(1)) if found else ""
                self.heard.append(Heard(int(fields["id"]), fields["event"], text))
            fields = {}
