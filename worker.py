"""The worker process: runs the jobs of the queue. ``bin/run`` starts one; more may run on any host."""

from __future__ import annotations

import sys

from chatpop.app import create_app
from chatpop.config import ConfigError
from chatpop.core import queue


def main() -> None:
    """Until SIGTERM or SIGINT: the job at hand is finished first; a second signal ends it at once."""
    try:
        app = create_app()
    except ConfigError as error:
        sys.exit(str(error))
    worker = queue.make_worker(queue.connect(app.config["REDIS_URL"]))
    worker.work(with_scheduler=True, logging_level="WARNING")


if __name__ == "__main__":
    main()
