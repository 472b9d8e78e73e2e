"""The answers of the stream view: a socket taken out of gunicorn, or a generator.

gunicorn's gevent worker keeps a greenlet, a parser and buffers for each open response. So the answer takes
the connection over: it duplicates the descriptor, writes head and replay, hands it to the broadcaster and
raises ``StopIteration``, which gunicorn (27, ``workers/base_async.py``) takes for "close this
connection quietly": it closes its own descriptor, not the duplicate. Any other server gets a generator.
"""

from __future__ import annotations

import os
import socket
import time
import weakref
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from flask import Response
from sqlalchemy.exc import SQLAlchemyError

from chatpop.extensions import db
from chatpop.rooms.live import wire
from chatpop.rooms.live.listeners import BACKLOG_BYTES, QueueListener, SocketListener

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from chatpop.rooms.live.engine import Engine

Environ = Mapping[str, Any]

SEND_BUFFER = 131_072
"""Bytes the kernel keeps for a slow reader; left alone it would take megabytes each."""
_UNACKNOWLEDGED_MS = 30_000
_LOOK_SECONDS = 1.0


def event_loop_socket(environ: Environ) -> socket.socket | None:
    """The plain HTTP/1 connection of gunicorn's gevent worker, or None under anything else."""
    sock = environ.get("gunicorn.socket")
    if sock is None or environ["SERVER_PROTOCOL"] not in ("HTTP/1.0", "HTTP/1.1"):
        return None
    from gevent.socket import socket as gevent_socket  # type: ignore[import-untyped]

    return sock if type(sock) is gevent_socket else None


def thread_socket(environ: Environ) -> socket.socket | None:
    """The connection of a threaded server that shows it."""
    sock = environ.get("werkzeug.socket") or environ.get("gunicorn.socket")
    return sock if type(sock) is socket.socket else None


class HandedOver(Response):
    """Answers by taking the connection over; the reader is entered already."""

    def __init__(self, engine: Engine, listener: SocketListener, sock: socket.socket) -> None:
        super().__init__(headers=wire.HEADERS)
        self._engine = engine
        self._listener = listener
        self._sock = sock
        self._orphaned = weakref.finalize(self, engine.hub.leave, listener)
        self._orphaned.atexit = False

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self._orphaned.detach()
        db.session.remove()  # the request's connection must not wait for a slow reader
        engine, listener = self._engine, self._listener
        try:
            listener.attach(_take(self._sock))
            engine.peers.add(listener)
            self._send(wire.head(self.headers) + wire.RETRY)
            for data in engine.hub.joining(listener):
                self._send(data)
            engine.rounds.add(listener)
        except (OSError, SQLAlchemyError):
            engine.hub.leave(listener)
        except BaseException:
            engine.hub.leave(listener)
            raise
        raise StopIteration

    def _send(self, data: bytes) -> None:
        """A replay may be longer than the backlog: wait for the reader. Raises ``OSError``."""
        listener = self._listener
        deadline = time.monotonic() + self._engine.timing.patience
        for start in range(0, len(data), BACKLOG_BYTES):
            alive = listener.push(data[start : start + BACKLOG_BYTES])
            while alive and listener.channel is not None and listener.backlog is not None:
                time.sleep(0.01)
                alive = listener.flush() and time.monotonic() < deadline
            if not alive:
                raise BrokenPipeError


def _take(sock: socket.socket) -> int:
    """A descriptor of our own for the connection."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    if sock.family in (socket.AF_INET, socket.AF_INET6) and hasattr(socket, "TCP_USER_TIMEOUT"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNACKNOWLEDGED_MS)
    fd = os.dup(sock.fileno())
    os.set_blocking(fd, False)
    return fd


class Generated(Response):
    """Answers by a generator, for any WSGI server; what waits is joined into one write."""

    def __init__(self, engine: Engine, listener: QueueListener) -> None:
        super().__init__(_generate(engine, listener), headers=wire.HEADERS)
        # Not in the generator: one that was never begun runs no "finally".
        self.call_on_close(lambda: engine.hub.leave(listener))
        weakref.finalize(self, engine.hub.leave, listener).atexit = False


def _generate(engine: Engine, listener: QueueListener) -> Iterator[bytes]:
    yield wire.RETRY
    try:
        yield from engine.hub.joining(listener)
    except SQLAlchemyError:
        return
    engine.rounds.add(listener)
    while (data := listener.take(_LOOK_SECONDS)) is not None:
        if data:
            yield data


def headers_only() -> Response:
    """The answer to HEAD."""
    return Response(headers=wire.HEADERS)
