"""Sends hostile requests to a running site as bare HTTP, and notes how each route answered."""

from __future__ import annotations

import re
import shlex
import socket
import tempfile
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any, NamedTuple

from werkzeug.test import EnvironBuilder

SECONDS = 20
MOST_READ = 64 * 1024
LONGEST_LINE = 1_500
MOST_OF_A_HEAD, MOST_OF_A_BODY = 3_000, 60_000
_LENGTH = re.compile(rb"^content-length: (\d+)\r?$", re.I | re.M)
HUNG_UP = 0
"""In place of a status."""


class Request(NamedTuple):
    """As it goes over the line; ``rule`` is the route that it is meant for."""

    rule: str
    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes

    def raw(self, port: int) -> bytes:
        own = {name.lower() for name, _ in self.headers}
        lines = [f"{self.method} {self.target} HTTP/1.1"]
        if "host" not in own:
            lines.append(f"Host: localhost:{port}")
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.body or self.method in ("POST", "PUT"):
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + self.body

    def curl(self, port: int) -> str:
        """A line for a shell; one that nobody could read is kept in a file."""
        parts = ["curl", "-i", "--path-as-is", "-X", self.method]
        for name, value in self.headers:
            parts += ["-H", f"{name}: {value}"]
        if self.body:
            is_plain = len(self.body) < LONGEST_LINE and self.body.isascii() and b"\0" not in self.body
            parts += ["--data-binary", self.body.decode() if is_plain else f"@{_kept(self.body, '.body')}"]
        line = shlex.join([*parts, f"http://localhost:{port}{self.target}"])
        return line if len(line) < LONGEST_LINE else f"sh {_kept(line.encode('latin-1', 'replace'), '.sh')}"

    @property
    def is_too_much(self) -> bool:
        """The site may refuse it before all of it is read, and the answer can be lost on the way."""
        head = len(self.target) + sum(len(name) + len(value) for name, value in self.headers)
        return head > MOST_OF_A_HEAD or len(self.body) > MOST_OF_A_BODY


def _kept(content: bytes, ending: str) -> str:
    with tempfile.NamedTemporaryFile(prefix="chatpop-fuzzed-", suffix=ending, delete=False) as file:
        file.write(content)
    return file.name


def built(rule: str, method: str, path: str, headers: dict[str, str], options: dict[str, Any]) -> Request:
    """From what a test client takes. Raises ``UnicodeError`` for what no client can write."""
    builder = EnvironBuilder(path=path, method=method, headers=list(headers.items()), **options)
    try:
        environ = builder.get_environ()
        body = environ["wsgi.input"].read()
        sent = [(name, value) for name, value in builder.headers if name.lower() != "content-length"]
        if environ.get("CONTENT_TYPE") and not any(name.lower() == "content-type" for name, _ in sent):
            sent.append(("Content-Type", environ["CONTENT_TYPE"]))
        return Request(rule, method, environ["REQUEST_URI"], sent, body)
    finally:
        builder.close()


@dataclass
class Someone:
    """One of the cast: ``headers`` of their own, and cookies that the site may change."""

    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)

    def dressed(self, request: Request) -> Request:
        given = {name.lower() for name, _ in request.headers}
        own = dict(self.headers)
        if self.cookies:
            own["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return request._replace(
            headers=[*request.headers, *((name, value) for name, value in own.items() if name.lower() not in given)]
        )

    def keep(self, cookies: list[str]) -> None:
        for text in cookies:
            try:
                for name, morsel in SimpleCookie(text).items():
                    self.cookies.pop(name, None)
                    if morsel["max-age"] != "0" and "1970" not in morsel["expires"]:
                        self.cookies[name] = morsel.coded_value
            except CookieError:
                continue


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes
    cookies: list[str]


def send(port: int, request: Request) -> Answer:
    """A stream is left at its first words. Raises ``OSError`` where the site hangs up without an answer."""
    with socket.create_connection(("localhost", port), timeout=SECONDS) as line:
        with suppress(BrokenPipeError, ConnectionResetError):  # refused before all was read
            line.sendall(request.raw(port))
        text = b""
        while not _is_whole(text, request.method) and (piece := line.recv(16_384)):
            text += piece
    head, _, body = text.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    words = first.split(None, 2)
    if len(words) < 2 or not words[1].isdigit():
        raise ConnectionResetError("no answer")
    pairs = [(name.strip().lower(), value.strip()) for name, _, value in (one.partition(":") for one in lines)]
    return Answer(int(words[1]), dict(pairs), body, [value for name, value in pairs if name == "set-cookie"])


def _is_whole(text: bytes, method: str) -> bool:
    """Of an answer without a length, and of a long one, the beginning is enough."""
    head, end, body = text.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    return bool(end) and (length is None or method == "HEAD" or len(body) >= min(int(length.group(1)), MOST_READ))


class Fault(NamedTuple):
    what: str
    curl: str


@dataclass
class Tally:
    """Statuses by route, and what should not have been: one request for each kind of fault, the shortest."""

    statuses: defaultdict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    faults: dict[str, Fault] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(one.total() for one in self.statuses.values())

    def note(self, request: Request, answer: Answer, port: int) -> None:
        self.statuses[request.rule][answer.status] += 1
        if answer.status >= 500 and not (answer.status == 503 and "retry-after" in answer.headers):
            self.fault(f"{answer.status} at {request.method} {request.rule}", request.curl(port))

    def fault(self, what: str, curl: str) -> None:
        if what not in self.faults or len(curl) < len(self.faults[what].curl):
            self.faults[what] = Fault(what, curl)
