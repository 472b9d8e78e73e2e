"""How gunicorn serves the site. ``bin/run`` and the Procfile add the address and the number of processes."""

# gevent comes before everything that is loaded: the master loads the application once, and its workers, also the
# successor of one that died, are forks of it (decision 0006). Loading makes no garbage, so nobody looks for it.
import gc

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


def when_ready(server: object) -> None:
    """What is loaded stays for good: collectors pass it by, and forks go on sharing its memory."""
    gc.freeze()


def post_fork(server: object, worker: object) -> None:
    gc.enable()
