"""A roll over HTTP against the null endpoint: processor time of the web process a request, in paired runs."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from redis import Redis

from bench.report import Report
from tests.running.waiting import until

ROOT = Path(__file__).resolve().parents[2]
WARMING, ROLLS_EACH = 100, 8
"""Requests before the first run, and rolls of one visitor: below the limit, as people do."""
JSON = ("Content-Type: application/json", "Content-Length: 2", "Accept: application/json")
FORM = ("Content-Type: application/x-www-form-urlencoded", "Content-Length: 2", "HX-Request: true", "Accept: */*")
BROWSER = (
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Accept-Language: en-GB,en;q=0.7,de;q=0.3",
    "Accept-Encoding: gzip, deflate",
    "Sec-Fetch-Site: same-origin",
)


@dataclass(frozen=True)
class Kind:
    """One way to roll: its path, its headers, and a body of two bytes."""

    name: str
    path: str
    headers: tuple[str, ...]
    body: str


KINDS = (
    Kind("JSON null", "/rooms/{}/null", JSON, "{}"),
    Kind("JSON roll", "/api/chats/{}/suggest-username/", JSON, "{}"),
    Kind("page null", "/rooms/{}/null", FORM, "a="),
    Kind("page roll", "/rooms/{}/dice-rolls", FORM, "a="),
)


class WebProcess:
    """gunicorn with gevent and one worker, as the site runs it."""

    def __init__(self, environ: dict[str, str]) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.port: int = listener.getsockname()[1]
            command = [
                sys.executable,
                "-m",
                "gunicorn",
                "-c",
                "gunicorn.conf.py",
                "--bind",
                f"fd://{listener.fileno()}",
            ]
            self._process = subprocess.Popen(
                [*command, "bench.names.site:create()"],
                cwd=ROOT,
                env=environ,
                pass_fds=[listener.fileno()],
                stderr=subprocess.DEVNULL,
            )
        self._connection = socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def ask(self, request: bytes) -> bytes:
        """Send a request over the kept connection; the answer's head."""
        self._connection.sendall(request)
        answer = self._connection.recv(65_536)
        while b"\r\n\r\n" not in answer:
            answer += self._connection.recv(65_536)
        head, _, body = answer.partition(b"\r\n\r\n")
        missing = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]) - len(body)
        while missing > 0:
            missing -= len(self._connection.recv(65_536))
        return head

    def cpu(self) -> float:
        """Microseconds that the serving process has run."""
        pid = self._process.pid
        worker = until(lambda: Path(f"/proc/{pid}/task/{pid}/children").read_text().split(), seconds=60)[0]
        tasks = Path(f"/proc/{worker}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1000

    def end(self) -> None:
        self._connection.close()
        self._process.terminate()
        self._process.wait()


@contextmanager
def web_process(environ: dict[str, str]) -> Iterator[WebProcess]:
    web = WebProcess(environ)
    try:
        yield web
    finally:
        web.end()


def measure(report: Report, database: str, web: WebProcess, redis: Redis, code: str, runs: int, requests: int) -> None:
    """A table of both doors, each kind in turn ``runs`` times; the goal is that of issue 7."""
    taken: dict[str, list[float]] = {kind.name: [] for kind in KINDS}
    for kind in KINDS:
        _run(web, kind, code, WARMING)
    for _ in range(runs):
        for kind in KINDS:
            redis.flushdb()
            taken[kind.name].append(_run(web, kind, code, requests))
    table = report.table(f"{database}: a visitor's roll over HTTP", "µs of the web process")
    for name, samples in taken.items():
        table.add(name, samples)
    for door in ("JSON", "page"):
        table.ratio(f"{door} roll / null", taken[f"{door} roll"], taken[f"{door} null"], goal=1.6)


def _run(web: WebProcess, kind: Kind, code: str, requests: int) -> float:
    """Microseconds a request; every few rolls a new visitor comes."""
    lines = (f"POST {kind.path.format(code)} HTTP/1.1", f"Host: localhost:{web.port}", *BROWSER, *kind.headers)
    cookie, before = "", web.cpu()
    for number in range(requests):
        own = [*lines, *([f"Cookie: {cookie}"] if number % ROLLS_EACH else [])]
        head = web.ask(("\r\n".join(own) + "\r\n\r\n" + kind.body).encode())
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode())
        if not number % ROLLS_EACH:
            cookie = head.split(b"Set-Cookie: ")[1].split(b";")[0].decode()
    time.sleep(0.05)
    return (web.cpu() - before) / requests
