"""A program that calls ``/api/v1``: a bearer, no cookies, none of a browser's headers."""

from __future__ import annotations

from typing import Any, cast

from flask import Flask

from tests.accounts.acts import PASSWORD
from tests.support.people import Answer


class Program:
    """``access`` and ``refresh`` are the tokens it holds."""

    def __init__(self, app: Flask, access: str | None = None) -> None:
        self.app = app
        self.access = access
        self.refresh: str | None = None

    def log_in(self, identifier: str = "Mia-Rivers", password: str = PASSWORD) -> Program:
        answer = self.post("login", data={"username": identifier, "password": password})
        assert answer.status_code == 200, answer.text
        self.access, self.refresh = answer.json["access_token"], answer.json["refresh_token"]
        return self

    def get(self, path: str, **options: Any) -> Answer:
        return self.call("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> Answer:
        return self.call("POST", path, **({"json": json} if json is not None else {}), **options)

    def patch(self, path: str, json: Any = None, **options: Any) -> Answer:
        return self.call("PATCH", path, **({"json": json} if json is not None else {}), **options)

    def put(self, path: str, **options: Any) -> Answer:
        return self.call("PUT", path, **options)

    def delete(self, path: str, **options: Any) -> Answer:
        return self.call("DELETE", path, **options)

    def call(self, method: str, path: str, *, headers: dict[str, str] | None = None, **options: Any) -> Answer:
        """``path`` is below ``/api/v1/``, or absolute."""
        sent = {"Authorization": f"Bearer {self.access}"} if self.access is not None else {}
        path = path if path.startswith("/") else f"/api/v1/{path}"
        client = self.app.test_client(use_cookies=False)
        return cast(Answer, client.open(path, method=method, headers={**sent, **(headers or {})}, **options))
