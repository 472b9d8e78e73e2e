"""Calls over a bare socket: a run makes a hundred thousand of them, beside the site that it tries."""

from __future__ import annotations

import http.client
import socket
from email.message import Message
from typing import BinaryIO, NamedTuple

SECONDS = 15


class Answer(NamedTuple):
    """``cookies`` is what http.cookiejar reads; None where the answer sets none."""

    status: int
    body: bytes
    cookies: Message | None


class Line:
    """One connection that is kept open between calls; opened anew after it broke."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None
        self._answers: BinaryIO | None = None

    def call(self, head: str, body: bytes) -> Answer:
        """Raises ``OSError`` or ``HTTPException`` where nobody answers."""
        try:
            if self._socket is None:
                self._socket = socket.create_connection(("localhost", self._port), timeout=SECONDS)
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._answers = self._socket.makefile("rb")
            self._socket.sendall(head.encode("latin-1") + b"\r\n\r\n" + body)
            return self._read()
        except BaseException:
            self.close()
            raise

    def _read(self) -> Answer:
        answers = self._answers
        if answers is None:
            raise http.client.NotConnected
        first = answers.readline().split(None, 2)
        if len(first) < 2:
            raise http.client.BadStatusLine(repr(first))
        length, closes, cookies = 0, False, None
        while (line := answers.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            name = name.lower()
            if name == b"content-length":
                length = int(value)
            elif name == b"set-cookie":
                cookies = cookies or Message()
                cookies["Set-Cookie"] = value.decode("latin-1").strip()
            elif name == b"connection":
                closes = value.strip().lower() == b"close"
            elif name == b"transfer-encoding":
                raise http.client.UnknownTransferEncoding
        body = answers.read(length)
        if len(body) < length:
            raise http.client.IncompleteRead(body, length - len(body))
        if closes:
            self.close()
        return Answer(int(first[1]), body, cookies)

    def close(self) -> None:
        for one in (self._answers, self._socket):
            if one is not None:
                one.close()
        self._socket = self._answers = None
