"""Pages as a browser gets them, refusals included."""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import NamedTuple


class Page(NamedTuple):
    status: int
    text: str
    retry_after: str | None


def fetch(address: str, path: str, form: str | None = None, cookies: str = "") -> Page:
    """GET, or POST of a form; redirects are followed. Raises ``OSError`` while nobody answers."""
    body = None if form is None else form.encode()
    headers = {"Origin": address, "Accept": "text/html"} | ({"Cookie": cookies} if cookies else {})
    request = urllib.request.Request(f"{address}{path}", body, headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return Page(answer.status, answer.read().decode(), answer.headers["Retry-After"])
    except urllib.error.HTTPError as error:
        with error:
            return Page(error.code, error.read().decode(), error.headers["Retry-After"])
