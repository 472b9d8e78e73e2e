"""A browser's connection in small: cookies of its own, and one connection that is kept open between calls."""

from __future__ import annotations

import http.client
import http.cookiejar
import json
import socket
import urllib.request
from typing import Any, Self

AWAY = (OSError, http.client.HTTPException)


class Browser:
    """Not shared between threads. Methods raise one of ``AWAY`` where nobody answers."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.jar = http.cookiejar.CookieJar()
        self.socket: socket.socket | None = None
        """The connection's; http.client lets go of it when the answer is to end with the connection."""
        self._line: http.client.HTTPConnection | None = None

    def call(self, path: str, sent: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        """POST JSON, or GET; status and JSON answer."""
        body = None if sent is None else json.dumps(sent).encode()
        answer = self.send("POST" if body is not None else "GET", path, body, {"Content-Type": "application/json"})
        text = answer.read()
        return answer.status, json.loads(text) if text.startswith(b"{") else {"error": text.decode(errors="replace")}

    def send(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> http.client.HTTPResponse:
        """The answer, not read yet."""
        request = urllib.request.Request(f"http://localhost:{self.port}{path}", body, method=method)
        self.jar.add_cookie_header(request)
        line = self._line or http.client.HTTPConnection("localhost", self.port, timeout=15)
        self._line = line
        try:
            line.request(method, path, body, {"Accept": "application/json", **(headers or {}), **_cookies(request)})
            self.socket = line.sock
            answer = line.getresponse()
        except BaseException:
            self.close()
            raise
        self.jar.extract_cookies(answer, request)
        return answer

    def close(self) -> None:
        self.socket = None
        if self._line is not None:
            self._line.close()
            self._line = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _cookies(request: urllib.request.Request) -> dict[str, str]:
    value = request.get_header("Cookie")
    return {"Cookie": value} if value else {}
