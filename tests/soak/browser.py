"""A browser's connection in small: cookies of its own, and connections that are kept open between calls."""

from __future__ import annotations

import http.client
import http.cookiejar
import json
import socket
import urllib.request
from email.message import Message
from typing import Any, NamedTuple, Self

from tests.soak import calling

AWAY = (OSError, http.client.HTTPException)


class Browser:
    """Not shared between threads. Methods raise one of ``AWAY`` where nobody answers."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.jar = http.cookiejar.CookieJar()
        self.socket: socket.socket | None = None
        """The connection's; http.client lets go of it when the answer is to end with the connection."""
        self._line: http.client.HTTPConnection | None = None
        self._calls = calling.Line(port)
        self._cookie: str | None = None

    def call(self, path: str, sent: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        """POST JSON, or GET; status and JSON answer."""
        body = b"" if sent is None else json.dumps(sent).encode()
        asked = f"GET {path} HTTP/1.1" if sent is None else f"POST {path} HTTP/1.1\r\nContent-Length: {len(body)}"
        answer = self._calls.call(
            f"{asked}\r\nHost: localhost:{self.port}\r\nAccept: application/json\r\n"
            f"Content-Type: application/json{self._cookie_line()}",
            body,
        )
        if answer.cookies is not None:
            self.jar.extract_cookies(_Headers(answer.cookies), self._request("GET", "/"))  # type: ignore[arg-type]
            self._cookie = None
        text = answer.body
        return answer.status, json.loads(text) if text.startswith(b"{") else {"error": text.decode(errors="replace")}

    def _cookie_line(self) -> str:
        """All of the site's cookies are for all of its paths."""
        if self._cookie is None:
            request = self._request("GET", "/")
            self.jar.add_cookie_header(request)
            value = request.get_header("Cookie")
            self._cookie = f"\r\nCookie: {value}" if value else ""
        return self._cookie

    def _request(self, method: str, path: str, body: bytes | None = None) -> urllib.request.Request:
        return urllib.request.Request(f"http://localhost:{self.port}{path}", body, method=method)

    def send(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> http.client.HTTPResponse:
        """The answer, not read yet."""
        request = self._request(method, path, body)
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
        self._cookie = None
        return answer

    def close(self) -> None:
        self.socket = None
        self._calls.close()
        if self._line is not None:
            self._line.close()
            self._line = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Headers(NamedTuple):
    """What a cookie jar wants of an answer."""

    headers: Message

    def info(self) -> Message:
        return self.headers


def _cookies(request: urllib.request.Request) -> dict[str, str]:
    value = request.get_header("Cookie")
    return {"Cookie": value} if value else {}
