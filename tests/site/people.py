"""People without a browser: a cookie jar and HTTP, as a program or a test sees the site."""

from __future__ import annotations

import http.client
import http.cookiejar
import json
import re
import secrets
import time
import urllib.error
import urllib.request
from typing import Any

from tests.running.waiting import until

_AWAY = (OSError, http.client.HTTPException)
_CODE = re.compile(r"/rooms/([A-Z0-9]{6})")


class Caller:
    """Somebody with cookies of their own."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.name = ""
        self._jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._jar))

    def cookies(self) -> str:
        """The value of the ``Cookie`` header."""
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._jar)

    def call(self, path: str, sent: dict[str, Any] | None = None, timeout: float = 15) -> tuple[int, dict[str, Any]]:
        """GET, or POST of JSON; the status and the JSON answer. Raises ``OSError`` while nobody answers."""
        body = None if sent is None else json.dumps(sent).encode()
        headers = {"Accept": "application/json"} | ({"Content-Type": "application/json"} if body is not None else {})
        request = urllib.request.Request(f"{self.address}{path}", body, headers)
        try:
            with self._opener.open(request, timeout=timeout) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                text = error.read()
            return error.code, json.loads(text) if text.startswith(b"{") else {"error": text.decode()}

    def page(self, path: str) -> str:
        """A page's markup, redirects followed."""
        with self._opener.open(f"{self.address}{path}", timeout=15) as answer:
            text: bytes = answer.read()
            return text.decode()

    def open_room(self, name: str, visibility: str = "public") -> str:
        """Become a guest and the host of a new room; its code."""
        form = f"name={name}&visibility={visibility}".encode()
        request = urllib.request.Request(f"{self.address}/rooms", form, {"Origin": self.address})
        with self._opener.open(request, timeout=15) as answer:
            found = _CODE.search(answer.url)
        assert found
        return found.group(1)

    def join(self, code: str) -> str:
        """Roll once and join under that name, which is returned."""
        status, rolled = self.call(f"/api/chats/{code}/suggest-username/", {})
        assert status == 200, rolled
        status, joined = self.call(f"/api/chats/{code}/join/", {"username": rolled["username"]})
        assert status == 201, joined
        self.name = str(joined["username"])
        return self.name

    def say(self, code: str, body: str) -> int:
        """Write until it is acknowledged, through refusals for the moment and lost connections; the seq."""
        sent = {"body": body, "client_id": secrets.token_hex(8)}
        return until(lambda: self._acknowledged(code, sent), seconds=40)

    def _acknowledged(self, code: str, sent: dict[str, str]) -> int:
        try:
            status, answer = self.call(f"/rooms/{code}/messages", sent)
        except _AWAY:
            time.sleep(0.1)  # a client's pause before the next attempt
            return 0
        if status == 503:
            time.sleep(0.1)
            return 0
        assert status in (200, 201), (status, answer)
        return int(answer["seq"])


def fill(address: str, code: str, count: int, text: str = "Message {}") -> None:
    """``count`` messages, by as many guests as their limit of 30 a minute asks for."""
    for start in range(1, count + 1, 25):
        guest = Caller(address)
        guest.join(code)
        for number in range(start, min(start + 25, count + 1)):
            guest.say(code, text.format(number))
