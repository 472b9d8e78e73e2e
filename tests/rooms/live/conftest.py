"""Rooms in the database, and server processes that share it and one Redis."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from redis import Redis

from chatpop.core import clock
from chatpop.core.ids import room_code
from chatpop.extensions import db
from chatpop.rooms.models import Room, Visibility
from tests.rooms.live.reader import Reader
from tests.rooms.live.site import Orders
from tests.support.valkey import RunningValkey

ROOT = Path(__file__).resolve().parents[3]
ESTABLISHED, CLOSE_WAIT = "01", "08"
"""States of a connection in the kernel's table (include/net/tcp_states.h)."""
HANDED_OVER, GENERATED = "handed over", "generated"


def until(condition: Callable[[], bool], wait: float = 5.0) -> None:
    """Wait for another process to get there."""
    deadline = time.monotonic() + wait
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


class Server:
    """A web process with the test views."""

    def __init__(self, kind: str, environ: dict[str, str], orders: Orders, folder: Path) -> None:
        file = folder / f"orders-{secrets.token_hex(4)}.json"
        file.write_text(orders.model_dump_json())
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen(512)
            self.port: int = listener.getsockname()[1]
            self.process = subprocess.Popen(
                _command(kind, listener.fileno(), file),
                env=environ,
                cwd=ROOT,
                pass_fds=[listener.fileno()],
            )
        self._wait()

    def read(self, room_id: int, **query: Any) -> Reader:
        return Reader(self.port, room_id, **query)

    def say(self, room_id: int, text: str = "hello", how: str = "entry") -> int:
        """Write a message; the answer is its seq."""
        return int(self._call("POST", f"/t/say/{room_id}?text={text}&how={how}")["seq"])

    def delete(self, room_id: int, seq: int) -> int:
        return int(self._call("POST", f"/t/delete/{room_id}/{seq}")["seq"])

    def type(self, room_id: int, name: str, tag: str | None = None) -> None:
        """Somebody gives a sign of typing."""
        self._call("POST", f"/t/typing/{room_id}?name={name}&tag={tag or f'tag-{name}'}")

    def recheck(self, room_id: int) -> None:
        self._call("POST", f"/t/recheck/{room_id}")

    def people(self, room_id: int) -> dict[str, Any]:
        return self._call("GET", f"/t/people/{room_id}")

    def connections(self) -> int:
        """Accepted connections that the server has not given back; those that readers have closed count too."""
        lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
        kept = [line.split() for line in lines]
        return sum(1 for line in kept if line[1].endswith(f":{self.port:04X}") and line[3] in (ESTABLISHED, CLOSE_WAIT))

    @property
    def worker(self) -> int:
        """The process that serves: gunicorn's child, or the process itself."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return int(children[0]) if children else self.process.pid

    def kill(self) -> None:
        """The death of the serving process and its parent, at once."""
        if self.process.poll() is None:
            worker = self.worker
            self.process.kill()
            if worker != self.process.pid:
                os.kill(worker, signal.SIGKILL)
        self.process.wait()

    def _call(self, method: str, path: str) -> dict[str, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        try:
            connection.request(method, path, headers={"Sec-Fetch-Site": "same-origin"})
            answer = connection.getresponse()
            body = answer.read()
            assert answer.status == 200, (answer.status, body)
            return dict(json.loads(body)) if body else {}
        finally:
            connection.close()

    def _wait(self) -> None:
        deadline = time.monotonic() + 20
        while True:
            try:
                self._call("GET", "/healthz")
                return
            except (OSError, http.client.HTTPException, ValueError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)


def _command(kind: str, descriptor: int, file: Path) -> list[str]:
    if kind == GENERATED:
        return [sys.executable, "-m", "tests.rooms.live.site", str(descriptor), str(file)]
    gunicorn = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "--bind", f"fd://{descriptor}"]
    return [*gunicorn, f'tests.rooms.live.site:create("{file}")']


@pytest.fixture
def serve(database_url: str, redis: Redis, valkey: RunningValkey, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start a server process of a kind; other arguments are orders, ``redis_url`` and ``environ``."""
    running: list[Server] = []

    def start(
        kind: str, *, redis_url: str = valkey.url, environ: dict[str, str] | None = None, **orders: Any
    ) -> Server:
        own = {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "DATA_DIR": str(tmp_path),
            "SECRET_KEY": "unit-tests-own-key-0123456789-abcdefghij",
            "PYTHONPATH": str(ROOT),
            "PATH": os.environ["PATH"],
        }
        running.append(Server(kind, {**own, **(environ or {})}, Orders(**orders), tmp_path))
        return running[-1]

    yield start
    for server in running:
        server.kill()


@pytest.fixture(params=[HANDED_OVER, GENERATED])
def kind(request: pytest.FixtureRequest) -> str:
    """Both ways of answering keep one contract."""
    return str(request.param)


@pytest.fixture
def server(serve: Callable[..., Server], kind: str, room: int) -> Server:
    return serve(kind)


@pytest.fixture
def make_room(app: Flask) -> Callable[[], int]:
    """Another room, as often as it is called; its id."""

    def make() -> int:
        with app.app_context():
            now = clock.now()
            room = Room(
                code=room_code(),
                name="Tea",
                visibility=Visibility.PUBLIC,
                invite="x",
                last_seq=0,
                created_at=now,
                active_at=now,
            )
            db.session.add(room)
            db.session.commit()
            return room.id

    return make


@pytest.fixture
def room(make_room: Callable[[], int]) -> int:
    return make_room()
