"""The queue: rq-dashboard behind the admin's guard, taught our JSON jobs and our rules.

rq-dashboard names RQ's classes in its module; there our own take their place. With RQ's, a look at a job
would unpickle what stands in Redis (SECURITY, row 63).
"""

from __future__ import annotations

import re
from typing import Any

import rq_dashboard  # type: ignore[import-untyped]
from flask import Blueprint, Flask, Response, current_app, json, request
from flask.typing import ResponseReturnValue
from markupsafe import escape
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue, Worker
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker import BaseWorker
from rq_dashboard import web as dashboard
from werkzeug.exceptions import MethodNotAllowed

from chatpop.core.errors import DomainError, NotFound, ServiceAway
from chatpop.core.queue import QUEUE_NAME, TableJob
from chatpop.core.texts import text
from chatpop.web import errors

bp = Blueprint("jobs", __name__, url_prefix="/jobs")

STATE_CHANGING = "requeue_all"
"""The dashboard's one write that it also offers to GET."""
UNESCAPED = {"job_info": None, "list_workers": None, "list_queues": None, "list_jobs": {"id"}}
"""Answers whose texts (all, or these) the dashboard's scripts put into the page as markup."""


_NUMBER, _ORDER = re.compile("[1-9][0-9]{0,3}"), re.compile("asc|dsc")
SHAPES = {
    "queue_name": re.compile(r"[\w.-]{1,100}"),
    "page": _NUMBER,
    "per_page": _NUMBER,
    "order": _ORDER,
    "registry_name": re.compile("queued|failed|deferred|started|finished|scheduled|canceled"),
}
"""What the dashboard can answer; on anything else in its addresses it breaks, and a queue's name goes into its script
as it stands."""


class UnreadableJob(DomainError):
    status, code, sentence = 422, "unreadable_job", "What stands in the queue for this job is not JSON."


class SiteQueue(Queue):
    """A queue of JSON jobs; the dashboard's first page of jobs is that of the site's one queue."""

    job_class = TableJob

    def __init__(self, name: str = QUEUE_NAME, **options: Any) -> None:
        super().__init__(name, **{**options, "job_class": TableJob, "serializer": JSONSerializer})


class SiteWorkers:
    """The workers as the dashboard lists them: their jobs at hand are JSON too."""

    @staticmethod
    def all(connection: Redis) -> list[BaseWorker]:
        return Worker.all(connection=connection, job_class=TableJob, queue_class=SiteQueue, serializer=JSONSerializer)


def init_app(app: Flask) -> None:
    """Set the dashboard up for ``app``."""
    connection = Redis.from_url(
        app.config["REDIS_URL"], socket_connect_timeout=1, socket_timeout=3, retry=Retry(NoBackoff(), 0)
    )
    dashboard.config.serializer = JSONSerializer
    names = {"Job": TableJob, "Queue": SiteQueue, "Worker": SiteWorkers, "requeue_job": _requeue}
    vars(dashboard).update(names, from_url=lambda *_args, **_options: (None, connection))
    app.config["RQ_DASHBOARD_REDIS_URL"] = "this site's"
    dashboard.setup_rq_connection(app)


def _requeue(job_id: str, connection: Redis) -> Job:
    job = TableJob.fetch(job_id, connection=connection)
    job.requeue()
    return job


@bp.before_request
def check() -> None:
    """Refuse what the dashboard would do wrong. Raises ``NotFound``, ``ServiceAway``; 405 for a write by GET."""
    if _view_name() == STATE_CHANGING and request.method != "POST":
        raise MethodNotAllowed(["POST"])
    asked = request.view_args or {}
    is_known = all(shape.fullmatch(str(asked[name])) for name, shape in SHAPES.items() if name in asked)
    if asked.get("instance_number", 0) != 0 or not is_known:
        raise NotFound
    if _view_name() not in ("static", "favicon"):
        try:
            current_app.redis_conn.ping()  # type: ignore[attr-defined]
        except RedisError:
            raise ServiceAway(text("The queue can't be shown: Redis is away.")) from None


@bp.errorhandler(NoSuchJobError)
def job_is_gone(_error: NoSuchJobError) -> ResponseReturnValue:
    """Jobs end while their page is open."""
    return errors.show(NotFound(text("There is no such job any more.")))


@bp.errorhandler(ValueError)
def job_is_unreadable(_error: ValueError) -> ResponseReturnValue:
    """Not JSON: nothing of ours has written it. It is not looked into any further."""
    return errors.show(UnreadableJob())


@bp.after_request
def escape_texts(response: Response) -> Response:
    """A job's texts may hold what people wrote: they must not become markup in the operator's page."""
    view = _view_name()
    if view in UNESCAPED and response.is_json:
        response.set_data(json.dumps(_escaped(response.get_json(), UNESCAPED[view])))
    return response


def _escaped(value: Any, only: set[str] | None, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _escaped(part, only, name) for name, part in value.items()}
    if isinstance(value, list):
        return [_escaped(part, only, key) for part in value]
    return str(escape(value)) if isinstance(value, str) and (only is None or key in only) else value


def _view_name() -> str:
    return (request.endpoint or "").rpartition(".")[2]


bp.register_blueprint(rq_dashboard.blueprint)
