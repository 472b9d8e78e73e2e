"""How gunicorn serves the site. ``bin/run`` and the Procfile add the address and the number of processes."""

# gevent comes before everything that is loaded: the master loads the application once, and its workers, also the
# successor of one that died, are forks of it (decision 0006). Loading makes no garbage, so nobody looks for it.
import gc
import socket
import time
from typing import Any

from gevent import monkey  # type: ignore[import-untyped]

monkey.patch_all()
gc.disable()

wsgi_app = "chatpop.app:create_app()"
worker_class = "gevent"
worker_connections = 3000  # live streams stay open: one connection a reader
preload_app = True

timeout = 30
graceful_timeout = 3  # open streams never end by themselves; readers connect again and catch up
keepalive = 5
backlog = 2048

limit_request_line = 4094
limit_request_fields = 100
limit_request_field_size = 8190

# The application judges proxies itself (TRUSTED_PROXIES, TRUSTED_PROXY_CIDRS); gunicorn trusts none.
forwarded_allow_ips = ""
forwarder_headers = ""

accesslog = None  # the application logs requests, without secrets
errorlog = "-"
loglevel = "warning"

# Its default place is one file for all sites of a user.
control_socket_disable = True


LINGER = 2.0
"""Seconds in which a refused body may go on coming before the connection is closed."""


def when_ready(server: object) -> None:
    """What is loaded stays for good: collectors pass it by, and forks go on sharing its memory."""
    gc.freeze()


def post_fork(server: object, worker: object) -> None:
    gc.enable()


def post_request(worker: object, req: Any, environ: dict[str, Any], resp: Any) -> None:
    """Let the answer to a body that nobody has read get through (RFC 9112, 9.6).

    A connection that is closed over unread bytes is reset, and the answer is lost on its way. One that is kept is
    emptied by gunicorn itself; of those that end, its gevent worker thinks not.
    """
    is_unread = getattr(req.body.reader, "length", None) != 0  # bytes to come; one in chunks does not say
    if resp is None or not (is_unread and resp.headers_sent and resp.should_close()):
        return
    client, end = environ["gunicorn.socket"], time.monotonic() + LINGER
    try:
        client.shutdown(socket.SHUT_WR)
        while (left := end - time.monotonic()) > 0:
            client.settimeout(left)
            if not client.recv(65536):
                return
    except OSError:
        return  # gone, or silent for too long
