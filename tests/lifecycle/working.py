"""The worker, for tests: does what the queue holds, then stops."""

from __future__ import annotations

from flask import Flask
from redis import Redis
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from chatpop.core import queue
from chatpop.extensions import db


def work(app: Flask) -> None:
    connection: Redis = queue.connect(app.config["REDIS_URL"])
    waiting = queue.open_queue(connection)
    try:
        while waiting.count:
            with app.app_context():
                db.engine.dispose()  # a job begins by dropping the connections it has inherited
            worker = SimpleWorker([waiting], connection=connection, job_class=queue.TableJob, serializer=JSONSerializer)
            worker.work(burst=True, max_jobs=1, logging_level="CRITICAL")
        assert waiting.failed_job_registry.count == 0
    finally:
        connection.close()
