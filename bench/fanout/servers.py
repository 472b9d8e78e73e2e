"""What is measured: a site with one room and a guest in it, and the loop in C."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flask_migrate import upgrade

from chatpop.app import create_app
from chatpop.config import Config
from tests.soak.browser import AWAY, Browser
from tests.support.valkey import running_valkey

ROOT = Path(__file__).resolve().parents[2]
SECRET = "benchmarks-own-key-0123456789-abcdefghij"
MANY = "1000000"
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}


@dataclass(frozen=True)
class Site:
    """``cookies`` are those of a guest who has rolled and joined the room ``code``."""

    port: int
    worker: int
    valkey: int
    code: str
    cookies: str


@dataclass(frozen=True)
class Loop:
    """Takes messages by POST and gives them to whoever asks by GET."""

    port: int
    process: int


@contextlib.contextmanager
def running_site() -> Iterator[Site]:
    """gunicorn with one worker, SQLite and a Valkey, in a throw-away folder; limits out of the way."""
    with running_valkey() as valkey, tempfile.TemporaryDirectory() as folder, socket.socket() as listener:
        environ = {
            "DATABASE_URL": f"sqlite:///{folder}/site.sqlite3",
            "REDIS_URL": valkey.url,
            "DATA_DIR": folder,
            "SECRET_KEY": SECRET,
            "MAX_STREAMS_PER_NETWORK": MANY,
            "MAX_MESSAGES_PER_MINUTE_GUEST": MANY,
            "PATH": os.environ["PATH"],
        }
        with create_app(Config.from_environ(environ)).app_context():
            upgrade()
        listener.bind(("127.0.0.1", 0))
        listener.listen(4096)
        command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "--workers", "1"]
        command += ["--bind", f"fd://{listener.fileno()}", "bench.fanout.site:create()"]
        log = (Path(folder) / "log").open("wb")
        web = subprocess.Popen(command, env=environ, cwd=ROOT, stderr=log, pass_fds=[listener.fileno()])
        try:
            yield _settled(listener.getsockname()[1], web.pid, valkey.pid)
        finally:
            web.terminate()
            web.wait()


@contextlib.contextmanager
def running_loop(way: str) -> Iterator[Loop]:
    """``plain`` or ``joined``; built on the spot. Ends the program with a sentence where there is no compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        sys.exit("There is no C compiler (cc) on the PATH; the deliveries are compared with a loop in C.")
    with tempfile.TemporaryDirectory() as folder:
        program = f"{folder}/epoll_loop"
        subprocess.run([compiler, "-O2", "-o", program, str(Path(__file__).with_name("epoll_loop.c"))], check=True)
        with subprocess.Popen([program, way], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            try:
                yield Loop(int(process.stdout.readline()), process.pid)
            finally:
                process.kill()


def _settled(port: int, master: int, valkey: int) -> Site:
    """Wait until it answers; let a host open the room and a guest come in."""
    host, guest = Browser(port), Browser(port)
    deadline = time.monotonic() + 120
    while True:
        try:
            host.send("GET", "/healthz").read()
            break
        except AWAY:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
    form = urllib.parse.urlencode({"name": "Bench", "topic": "", "visibility": "public"}).encode()
    answer = host.send("POST", "/rooms", form, {**FORM, "Accept": "text/html"})
    answer.read()
    code = str(answer.headers["Location"]).rsplit("/", 1)[1]
    _, rolled = guest.call(f"/api/chats/{code}/suggest-username/", {})
    status, joined = guest.call(f"/api/chats/{code}/join/", {"username": rolled["username"]})
    assert status == 201, joined
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in guest.jar)
    worker = int(Path(f"/proc/{master}/task/{master}/children").read_text().split()[0])
    return Site(port, worker, valkey, code, cookies)


def cpu(pid: int) -> float:
    """Microseconds that the kernel has run the process's threads."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e3


def memory(pid: int) -> int:
    """Bytes resident."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
