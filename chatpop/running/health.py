"""Asks a web server for ``/healthz`` without waiting for the answer."""

from __future__ import annotations

import select
import socket
from types import TracebackType
from typing import Self


class Health:
    """One question at a time on its own connection; the answer is looked for by :meth:`good`.

    The connection waits in the listener's queue while the server loads, so the answer comes the
    moment the server is up.
    """

    def __init__(self, address: str, port: int, host_header: str) -> None:
        self._address = (address, port)
        self._question = (f"GET /healthz HTTP/1.1\r\nHost: {host_header}\r\nConnection: close\r\n\r\n").encode("ascii")
        self._connection: socket.socket | None = None
        self._good = False

    def good(self) -> bool:
        """True once the server has answered with 200."""
        if not self._good:
            try:
                self._look()
            except OSError:
                self._close()
        return self._good

    def _look(self) -> None:
        if self._connection is None:
            self._connection = socket.create_connection(self._address, timeout=1)
            self._connection.sendall(self._question)
        if select.select([self._connection], [], [], 0)[0]:
            self._good = self._connection.recv(64).startswith(b"HTTP/1.1 200 ")
            self._close()

    def _close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()
