"""Ids of server processes, and whether a process of this host has died.

What a process keeps in Redis (who listens, how many streams) is stored under its id. A process that is
killed can't take its part away; its successors on the same host see that it is gone and ignore it.
"""

from __future__ import annotations

import functools
import hashlib
import os
import secrets
import socket
from pathlib import Path


def new_id() -> str:
    """``<host>.<pid>.<random>``, for the present process."""
    return f"{_host()}.{os.getpid()}.{secrets.token_hex(4)}"


def is_gone(process_id: str, own_id: str) -> bool:
    """Whether the process surely runs no more; False for other hosts', whose end shows by age."""
    host, pid, _random = process_id.split(".")
    if process_id == own_id or host != _host():
        return False
    if int(pid) == os.getpid():
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return _is_dead_body(pid)


def _is_dead_body(pid: str) -> bool:
    """Killed, and its parent has not looked yet: it can still be signalled."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (OSError, IndexError):
        return False


@functools.cache
def _host() -> str:
    """Host and process-number space: two containers may share a host name, but not this."""
    try:
        space = os.readlink("/proc/self/ns/pid")
    except OSError:
        space = ""
    return hashlib.sha256(f"{socket.gethostname()} {space}".encode()).hexdigest()[:12]
