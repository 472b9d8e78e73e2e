"""CPU per delivery and memory per idle reader of one web process, over real HTTP.

Usage: bin/bench fanout [readers] [messages a second] [seconds]

A Valkey, a SQLite file and gunicorn with the site and its test views are started in a throw-away folder. All
CPU of the web process counts: the request that posts, storing, rendering, publishing, heartbeats.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import sys
import tempfile
import time
from pathlib import Path

from flask_migrate import upgrade

from chatpop.app import create_app
from chatpop.config import Config
from chatpop.core import clock
from chatpop.extensions import db
from chatpop.rooms.models import Room, Visibility
from tests.rooms.live.conftest import HANDED_OVER, Server
from tests.rooms.live.site import Orders
from tests.support.valkey import running_valkey

SECRET = "benchmarks-own-key-0123456789-abcdefghij"


def main(readers: int, rate: float, seconds: float) -> None:
    with running_valkey() as valkey, tempfile.TemporaryDirectory() as folder:
        environ = {
            "DATABASE_URL": f"sqlite:///{folder}/site.sqlite3",
            "REDIS_URL": valkey.url,
            "DATA_DIR": folder,
            "SECRET_KEY": SECRET,
            "MAX_STREAMS_PER_NETWORK": "1000000",
            "PATH": os.environ["PATH"],
        }
        room = _make_room(environ)
        orders = Orders(tick=1.0, beats=15, most=20_000)
        server = Server(HANDED_OVER, environ, orders, Path(folder))
        try:
            _measure(server, room, readers, rate, seconds)
        finally:
            server.kill()


def _measure(server: Server, room: int, readers: int, rate: float, seconds: float) -> None:
    for _ in range(20):
        server.say(room, "warm")
    warm = [_connect(server.port, room) for _ in range(50)]
    time.sleep(2)
    memory, cpu = _memory(server.worker), _cpu(server.worker)
    sockets = [*warm, *(_connect(server.port, room) for _ in range(readers - len(warm)))]
    joined = (_cpu(server.worker) - cpu) / (readers - len(warm))
    time.sleep(8)
    each = (_memory(server.worker) - memory) / (readers - len(warm))
    print(f"{readers} readers: {each / 1024:.2f} KiB each idle, {joined * 1e3:.3f} ms CPU per connect")

    received, latencies = _Counter(sockets), []
    cpu, sent, start = _cpu(server.worker), 0, time.monotonic()
    while time.monotonic() < start + seconds:
        begun = time.monotonic()
        server.say(room, "a+message+of+some+forty+characters+here")
        sent += 1
        received.until(sent * readers)
        latencies.append(time.monotonic() - begun)
        time.sleep(max(0.0, start + sent / rate - time.monotonic()))
    used = _cpu(server.worker) - cpu
    latencies.sort()
    print(
        f"{sent / (time.monotonic() - start):.1f} messages/s: {used / (sent * readers) * 1e6:.2f} us CPU per "
        f"delivery ({used / sent * 1e3:.2f} ms a message), last reader after "
        f"{latencies[len(latencies) // 2] * 1e3:.1f} ms (median)"
    )


class _Counter:
    """Counts the messages that arrive on all sockets."""

    def __init__(self, sockets: list[socket.socket]) -> None:
        self._poll = select.epoll()
        self._by_fd = {sock.fileno(): sock for sock in sockets}
        self._count = 0
        for sock in sockets:
            sock.setblocking(False)
            self._poll.register(sock.fileno(), select.EPOLLIN)
            with contextlib.suppress(BlockingIOError):
                sock.recv(1 << 20)

    def until(self, count: int) -> None:
        while self._count < count:
            for fd, _events in self._poll.poll(10):
                data = self._by_fd[fd].recv(1 << 16)
                if not data:
                    raise ConnectionError("a reader was dropped")
                self._count += data.count(b"event: message")


def _connect(port: int, room: int) -> socket.socket:
    sock = socket.create_connection(("127.0.0.1", port))
    sock.sendall(f"GET /t/stream/{room} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    sock.recv(4096)
    return sock


def _make_room(environ: dict[str, str]) -> int:
    app = create_app(Config.from_environ(environ))
    with app.app_context():
        upgrade()
        now = clock.now()
        room = Room(
            code="TESTED",
            name="Bench",
            visibility=Visibility.PUBLIC,
            invite="x",
            last_seq=0,
            created_at=now,
            active_at=now,
        )
        db.session.add(room)
        db.session.commit()
        return room.id


def _cpu(pid: int) -> float:
    """Seconds the kernel has run the process's threads."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def _memory(pid: int) -> int:
    """Bytes resident."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    given = [float(text) for text in sys.argv[1:]] + [1000, 5, 10][len(sys.argv) - 1 :]
    main(int(given[0]), given[1], given[2])
