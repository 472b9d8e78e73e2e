"""A person with a browser of their own, as tests see them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

if TYPE_CHECKING:

    class Answer(TestResponse):
        """An answer whose JSON is looked into without asking first whether it is there."""

        @property
        def json(self) -> Any: ...

else:
    Answer = TestResponse

_CODE = re.compile(r"/rooms/([A-Z0-9]{6})")
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_CHIP = re.compile(r'id="identity-chip".*?class="chip-name">([^<]+)<', re.S)
BROWSER = {"Sec-Fetch-Site": "same-origin", "User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"}


class Person:
    """Acts through the pages and the JSON calls of the site, with cookies kept between requests."""

    def __init__(self, app: Flask, address: str = "127.0.0.1") -> None:
        self.app = app
        self.address = address
        self.client: FlaskClient = app.test_client()

    def get(self, path: str, *, htmx: bool = False, **options: Any) -> Answer:
        return self._open("GET", path, htmx=htmx, **options)

    def post(self, path: str, *, htmx: bool = False, **options: Any) -> Answer:
        return self._open("POST", path, htmx=htmx, **options)

    def _open(self, method: str, path: str, *, htmx: bool, **options: Any) -> Answer:
        headers = {**BROWSER, **({"HX-Request": "true"} if htmx else {}), **options.pop("headers", {})}
        headers = {name: value for name, value in headers.items() if value is not None}
        environ = {"REMOTE_ADDR": self.address}
        answer = self.client.open(path, method=method, headers=headers, environ_overrides=environ, **options)
        return cast(Answer, answer)

    @property
    def name(self) -> str | None:
        """The name that the identity chip of the home page shows; None for a visitor."""
        page = self.get("/").text
        found = _CHIP.search(page)
        assert found, "no identity chip"
        return None if "chip-visitor" in page else found.group(1)

    def token(self, path: str = "/") -> str:
        """The form token of a page."""
        found = _TOKEN.search(self.get(path).text)
        assert found, f"no form on {path}"
        return found.group(1)

    def open_room(self, name: str = "Tea", visibility: str = "public", topic: str = "") -> str:
        """Open a room; returns its code."""
        answer = self.post("/rooms", data={"name": name, "topic": topic, "visibility": visibility})
        assert answer.status_code == 303, answer.text
        found = _CODE.search(answer.headers["Location"])
        assert found
        return found.group(1)

    def roll(self, code: str | None = None) -> str:
        """Roll once by the JSON call; returns the name."""
        path = f"/api/chats/{code}/suggest-username/" if code else "/api/accounts/suggest-username/"
        answer = self.post(path, json={})
        assert answer.status_code == 200, answer.text
        return str(answer.json["username"])

    def join(self, code: str, name: str | None = None) -> Answer:
        """Join by the JSON call, under a fresh roll if no name is given."""
        return self.post(f"/api/chats/{code}/join/", json={"username": name or self.roll(code)})

    def say(self, code: str, body: str, client_id: str | None = None) -> Answer:
        """Write a message by the JSON form of the call."""
        sent = {"body": body} | ({"client_id": client_id} if client_id else {})
        return self.post(f"/rooms/{code}/messages", json=sent)

    def cookie(self, kind: str) -> str | None:
        """The value of the identity cookie whose name contains ``kind``."""
        names = [f"chatpop_{kind}"]
        return next((cookie.value for name in names if (cookie := self.client.get_cookie(name))), None)
