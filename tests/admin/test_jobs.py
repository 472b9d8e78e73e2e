"""The queue's dashboard: behind the guard, with JSON jobs, the site's CSRF rule and no write by GET."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from redis import Redis
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from chatpop.core import queue
from chatpop.web.security_headers import CONTENT_SECURITY_POLICY
from tests.support.people import Person
from tests.support.valkey import RunningValkey

JOBS = "/admin/jobs/"
NO_HEADERS = {"Sec-Fetch-Site": None}


@pytest.fixture
def connection(app: Flask, valkey: RunningValkey, redis: Redis) -> Iterator[Redis]:
    client = queue.connect(valkey.url)
    yield client
    client.close()


@pytest.fixture
def failed(app: Flask, connection: Redis) -> str:
    """The id of a job that has failed with a sentence that is markup."""

    def fail(_number: int) -> None:
        raise RuntimeError("<img src=x onerror=alert(1)>")

    queue.fill(app, {"fail": fail})
    job = queue.open_queue(connection).enqueue("fail", 7, meta={"note": "<b>bold</b>"})
    work(connection)
    return str(job.id)


def work(connection: Redis) -> None:
    worker = SimpleWorker(
        [queue.open_queue(connection)], connection=connection, job_class=queue.TableJob, serializer=JSONSerializer
    )
    worker.work(burst=True, logging_level="CRITICAL")


def test_a_failed_job_is_shown_with_its_reason_and_as_text_only(ada: Person, failed: str) -> None:
    assert ada.get(f"{JOBS}0/view/jobs/chatpop/failed/8/asc/1").status_code == 200
    listed = ada.get(f"{JOBS}0/data/jobs/chatpop/failed/8/asc/1.json").json["jobs"]
    assert [job["id"] for job in listed] == [failed]
    assert ada.get(f"{JOBS}0/view/job/{failed}").status_code == 200
    shown = ada.get(f"{JOBS}0/data/job/{failed}.json").json
    assert shown["status"] == "failed"
    assert "RuntimeError: &lt;img src=x" in shown["exc_info"]
    assert "<" not in str(shown)


def test_queues_and_workers_are_listed(ada: Person, failed: str, connection: Redis) -> None:
    assert ada.get(JOBS).status_code == 200
    queues = ada.get(f"{JOBS}0/data/queues.json").json["queues"]
    assert [(one["name"], one["failed_job_registry_count"]) for one in queues] == [("chatpop", 1)]
    worker = queue.make_worker(connection)
    worker.register_birth()  # type: ignore[no-untyped-call]
    assert [one["name"] for one in ada.get(f"{JOBS}0/data/workers.json").json["workers"]] == [worker.name]
    assert ada.get(f"{JOBS}0/view/workers").status_code == 200


def test_a_failed_job_is_queued_again_and_deleted(app: Flask, ada: Person, failed: str, connection: Redis) -> None:
    ran: list[int] = []
    queue.fill(app, {"fail": ran.append})
    assert ada.post(f"{JOBS}job/{failed}/requeue").json == {"status": "OK"}
    work(connection)
    assert ran == [7]
    assert ada.post(f"{JOBS}job/{failed}/delete").json == {"status": "OK"}
    assert not queue.TableJob.exists(failed, connection=connection)
    assert ada.get(f"{JOBS}0/view/job/{failed}").status_code == 404


def test_all_failed_jobs_are_queued_again_by_post_and_never_by_get(
    app: Flask, ada: Person, failed: str, connection: Redis
) -> None:
    for method in ("GET", "HEAD"):
        refused = ada.client.open(f"{JOBS}requeue/chatpop", method=method, headers={"Sec-Fetch-Site": "same-origin"})
        assert refused.status_code == 405
        assert refused.headers["Allow"] == "POST"
    assert queue.open_queue(connection).count == 0
    assert ada.post(f"{JOBS}requeue/chatpop").json == {"status": "OK", "count": 1}
    assert queue.open_queue(connection).count == 1
    assert ada.post(f"{JOBS}queue/chatpop/queued/empty").status_code == 200
    assert queue.open_queue(connection).count == 0


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_another_sites_button_does_nothing(ada: Person, failed: str, connection: Redis, site: str) -> None:
    for path in (f"job/{failed}/delete", f"job/{failed}/requeue", "requeue/chatpop", "queue/chatpop/failed/empty"):
        assert ada.post(JOBS + path, headers={"Sec-Fetch-Site": site}).status_code == 403
        foreign = {"Sec-Fetch-Site": None, "Origin": "https://evil.example"}
        assert ada.post(JOBS + path, headers=foreign).status_code == 403
        assert ada.post(JOBS + path, headers=NO_HEADERS).status_code == 403
    assert queue.open_queue(connection).failed_job_registry.count == 1


def test_a_pickle_in_a_jobs_data_is_never_loaded_by_looking_at_it(
    ada: Person, failed: str, connection: Redis, tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    bomb = f"cos\nmkdir\n(S'{trace}'\ntR."
    connection.hset(f"rq:job:{failed}", mapping={"meta": bomb, "data": zlib.compress(bomb.encode())})
    for path in (f"0/data/job/{failed}.json", "0/data/jobs/chatpop/failed/8/asc/1.json", f"0/view/job/{failed}"):
        assert ada.get(JOBS + path).status_code in (200, 422)
    assert not trace.exists()


def test_the_policy_is_looser_on_these_pages_alone(ada: Person, oto: Person) -> None:
    assert "script-src 'self' 'unsafe-inline'" in ada.get(JOBS).headers["Content-Security-Policy"]
    assert "style-src 'self';" in ada.get(JOBS).headers["Content-Security-Policy"]
    assert ada.get("/admin").headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert ada.get("/admin/jobsx").headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert "frame-ancestors 'none'" in ada.get(JOBS).headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["x');alert(1);('", "</script><script>alert(1)//", "x\\", "${alert(1)}", ""])
def test_the_name_of_a_queue_in_an_address_does_not_become_script(ada: Person, name: str) -> None:
    for path in ("0/view/jobs/{}/queued/8/asc/1", "0/data/jobs/{}/queued/8/asc/1.json"):
        answer = ada.get(JOBS + path.format(quote(name, safe="")))
        assert answer.status_code == 404
        way_back = r'name="next" value="[^"<>]*"'  # of the switch of languages: a value, and no more than that
        assert "alert(1)" not in re.sub(way_back, "", answer.text)
    assert ada.get(f"{JOBS}0/view/jobs/low-1.urgent/queued/8/asc/1").status_code == 200


def test_no_other_redis_can_be_asked_for(ada: Person, failed: str) -> None:
    assert ada.get(f"{JOBS}1/data/queues.json").status_code == 404
    assert "redis://" not in ada.get(JOBS).text
    assert "unix://" not in ada.get(JOBS).text


def test_while_redis_is_away_the_page_says_so(ada: Person, valkey: RunningValkey) -> None:
    valkey.stop()
    try:
        page = ada.get(JOBS)
    finally:
        valkey.start()
    assert page.status_code == 503
    assert "The queue can&#39;t be shown: Redis is away." in page.text
