"""The listening socket, opened once by the supervisor: no race for the port, and a restart refuses nobody."""

from __future__ import annotations

import errno
import socket
import time

from chatpop.running.refusals import CannotStart

BACKLOG = 2048


def listen(host: str, port: int, patience: float = 0.0) -> socket.socket:
    """An inheritable listening socket; tries a busy port for ``patience`` seconds.

    :raises CannotStart: the port is taken or not allowed, or the host is not an address of this machine.
    """
    until = time.monotonic() + patience
    while True:
        try:
            return _open(host, port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() >= until:
                raise CannotStart(_sentence(host, port, error)) from None
            time.sleep(0.05)


def _open(host: str, port: int) -> socket.socket:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Connections inherit it. An answer is sent as head and body: without it the body waits on a kept connection
        # until the browser has acknowledged the head, which it puts off by 40 ms.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    listener.set_inheritable(True)
    return listener


def _sentence(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"PORT is {port}, and another program is listening there already; stop it or set another PORT."
    if error.errno == errno.EACCES:
        return f"PORT is {port}, and this user may not listen there; set a PORT from 1024 up."
    return f"HOST is {host}, and that is no address of this machine: {error.strerror}."


def local_host(host: str) -> str:
    """Where a client on this machine reaches a server that listens on ``host``."""
    return {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104


def ready_sentence(host: str, port: int, public_url: str | None) -> str:
    """What a start says in the end; where people come by another address, that one too."""
    here = shown_url(host, port)
    return f"chatpop is ready: {here}" + (f", for people {public_url}" if public_url and public_url != here else "")


def shown_url(host: str, port: int) -> str:
    """The address to print. ``localhost`` wherever it leads here: passkeys need a name, not a number."""
    if host in ("127.0.0.1", "localhost", "0.0.0.0", "", "::", "::1"):  # noqa: S104
        return f"http://localhost:{port}"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
