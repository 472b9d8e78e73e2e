"""Threats to pages, files and the machinery: rows 45 to 72, where no other file holds them."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from freezegun import freeze_time
from redis import Redis
from rq import Queue, SimpleWorker
from rq.job import Job
from rq.serializers import JSONSerializer
from sqlalchemy import select

from chatpop.core import clock, queue
from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.web.client_address import network_buckets
from chatpop.web.redirects import own_path
from tests.accounts.acts import log_in, register, user_called
from tests.api.program import Program
from tests.conftest import SECRET
from tests.support.people import Person
from tests.support.rows import row_counts
from tests.support.valkey import RunningValkey
from tests.threats.walking import get_paths
from tests.uploads.sending import all_uploads, picture, send
from tests.web.test_redirects import SIGNS, where_a_browser_goes

ROOT = Path(__file__).resolve().parents[2]
EVIL = "evil.example"


@pytest.mark.parametrize("origin", ["http://[", "http://[::1", "https://a]b", "null", "\xff", "http://localhost:99999"])
def test_row_45_an_origin_that_is_no_address_is_foreign_and_no_fault(app: Flask, hana: Person, origin: str) -> None:
    before = row_counts(app)
    sent = {"name": "Tea", "visibility": "public"}
    assert hana.post("/rooms", data=sent, headers={"Sec-Fetch-Site": None, "Origin": origin}).status_code == 403
    assert row_counts(app) == before


def test_row_49_two_thousand_hostile_targets_never_leave_the_site(app: Flask, oto: Person) -> None:
    """The guard with all of them, and the log-in page, by page and by HTMX, with some."""
    chance = random.Random(49)
    pieces = [
        *SIGNS,
        "\u2028",
        "%00",
        "%0d%0aLocation:",
        "data:",
        "\\\\",
        "/./",
        ";",
        "//[::1]",
        "http:",
        "@evil.example",
    ]
    targets = {
        "/" * chance.randrange(3) + "".join(chance.choices(pieces, k=chance.randrange(1, 9))) for _ in range(2600)
    }
    assert len(targets) >= 2000
    passed = set()
    with app.test_request_context():
        for target in targets:
            if own_path(target) is not None:
                found = urlsplit(where_a_browser_goes(target))
                assert (found.scheme, found.netloc) == ("http", "localhost"), target
                passed.add(target)
    assert passed, "the guard is not a wall"
    register(Person(app))
    for number, target in enumerate([*sorted(targets - passed)[:20], "/account"]):
        answer = log_in(Person(app), data={"next": target}, htmx=number % 2 == 0)
        leads = answer.headers.get("HX-Redirect") or answer.headers.get("Location")
        assert leads == ("/account" if target == "/account" else "/"), target


def test_row_51_a_thousand_addresses_of_one_network_have_one_bucket() -> None:
    chance = random.Random(51)
    same = [f"2001:db8:1:2:{chance.getrandbits(16):x}:{chance.getrandbits(16):x}::{n:x}" for n in range(1000)]
    wide = [f"2001:db8:1:{n:x}::1" for n in range(1000)]
    buckets = [network_buckets("x", address, 10, 60) for address in same]
    assert len({bucket.who for found in buckets for bucket in found}) == 2
    wider = {found[1] for found in (network_buckets("x", address, 10, 60) for address in wide)}
    assert [(bucket.who, bucket.amount) for bucket in wider] == [("2001:db8:1::/48", 100)]


@pytest.fixture
def away(valkey: RunningValkey) -> Iterator[RunningValkey]:
    """A Redis that the test stops; it is there again afterwards."""
    yield valkey
    valkey.stop()
    valkey.start()


def test_row_52_without_redis_reading_goes_on_and_guessing_does_not(
    app: Flask, hana: Person, away: RunningValkey
) -> None:
    code = hana.open_room()
    register(Person(app))
    away.stop()
    for path in get_paths(app, code=code):
        answer = hana.get(path)
        assert answer.status_code < 500 or (answer.status_code, "Retry-After" in answer.headers) == (503, True), path
    for path in ("/", f"/rooms/{code}", f"/rooms/{code}/messages", "/login", "/register", "/account"):
        assert hana.get(path).status_code == 200, path
    guesses = [log_in(Person(app), f"nobody-{number:03}x", "wrong-otter").status_code for number in range(26)]
    assert guesses == [422] * 25 + [429]
    assert hana.post("/register/dice-rolls", htmx=True).status_code == 503
    away.start()
    assert Person(app).roll(code), "and it is back at once"


@pytest.mark.parametrize("proxied", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_row_53_no_foreign_host_stands_in_any_answer(make_app: Callable[..., Flask], proxied: bool) -> None:
    """Links are made from PUBLIC_URL alone; a proxy's word for the host is not taken either."""
    environ = {"TRUSTED_PROXIES": "1"} if proxied else {}
    app = make_app(PUBLIC_URL="https://chat.example.org", TRUSTED_HOSTS="localhost,chat.example.org", **environ)
    hana = Person(app)
    code = hana.open_room("Tea", "private")
    hana.post("/resume-codes")
    forwarded = {"X-Forwarded-Host": EVIL, "X-Forwarded-Server": EVIL, "Forwarded": f"host={EVIL}", "X-Host": EVIL}
    shown = []
    foreign = {"Host": EVIL}
    for path in get_paths(app, code=code) if proxied else ["/", f"/rooms/{code}", "/returning", "/login"]:
        answer = hana.get(path, headers=forwarded)
        text = answer.text + "".join(f"{key}: {value}\n" for key, value in answer.headers)
        assert EVIL not in text, path
        shown += re.findall(r"https?://[^/\"<]+/rooms/", text)
        refused = hana.get(path, headers=foreign)
        assert (refused.status_code, EVIL in refused.text) == (400, False), path
    assert set(shown) == {"https://chat.example.org/rooms/"}


def test_row_55_no_number_opens_another_rooms_stream(app: Flask, hana: Person, gus: Person) -> None:
    private, public = hana.open_room("Private", "private"), hana.open_room("Public")
    for count in range(5):
        hana.say(private, f"secret {count}")
    assert hana.say(public, "open").status_code == 201
    numbers = ["0", "1", "5", "-1", "-9", "9" * 18, "9" * 40, "x", "1;2", "1 OR 1=1", "１", ""]
    for number in numbers:
        ways: list[tuple[dict[str, str], str]] = [({"Last-Event-ID": number}, ""), ({}, f"?after={number}")]
        for headers, query in ways:
            answer = gus.get(f"/rooms/{private}/stream{query}", headers=headers)
            assert answer.status_code == 404, number
            assert "secret" not in answer.text
            stream = gus.get(f"/rooms/{public}/stream{query}", headers=headers)
            assert stream.status_code in (200, 400), number
            if stream.status_code == 200:
                assert "secret" not in next(iter(stream.iter_encoded())).decode()
            stream.close()
    own = hana.get(f"/rooms/{private}/stream")
    assert own.status_code == 200
    own.close()


PLAIN = "tests.threats.test_rows_45_72.leave_a_trace"


def leave_a_trace(path: str) -> None:
    """What an attacker would have the worker run."""
    Path(path).touch()


called: list[str] = []


def note_a_call(*_given: object) -> None:
    """What an attacker would have called back."""
    called.append("called")


def test_row_63_the_queue_runs_nothing_that_the_table_does_not_name(
    app: Flask, valkey: RunningValkey, redis: Redis, tmp_path: Path
) -> None:
    """Written raw into Redis as a job, a method, a callback; a worker of RQ's own kind would run each."""
    connection = queue.connect(valkey.url)
    ours = SimpleWorker(
        [queue.open_queue(connection)], connection=connection, job_class=queue.TableJob, serializer=JSONSerializer
    )
    plain = SimpleWorker([Queue("plain", connection=connection, serializer=JSONSerializer)],
                         connection=connection, serializer=JSONSerializer)  # fmt: skip
    trace = tmp_path / "trace"
    call = json.dumps([PLAIN, None, [str(trace)], {}]).encode()
    for name, worker in ((queue.QUEUE_NAME, ours), ("plain", plain)):
        job = Job.create(PLAIN, [str(trace)], connection=connection, serializer=JSONSerializer, origin=name)
        job.save()
        connection.hset(job.key, "data", zlib.compress(call))  # type: ignore[arg-type]
        Queue(name, connection=connection, serializer=JSONSerializer).push_job_id(job.id)
        worker.work(burst=True, logging_level="CRITICAL")
        assert trace.exists() == (name == "plain"), name
    queue.fill(app, {"nothing": lambda: None})
    called.clear()
    for field in ("success_callback_name", "failure_callback_name"):
        job = queue.open_queue(connection).enqueue("nothing")
        connection.hset(job.key, field, "tests.threats.test_rows_45_72.note_a_call")
        ours.work(burst=True, logging_level="CRITICAL")
        assert called == [], field
        assert queue.TableJob.fetch(job.id, connection=connection).is_failed, field
    connection.close()


USUAL = [
    "/metrics", "/prometheus", "/rq", "/rq/", "/jobs", "/dashboard", "/flower", "/debug", "/console", "/.env",
    "/.git/HEAD", "/server-status", "/actuator", "/phpinfo.php", "/admin.php", "/swagger", "/openapi.json",
    "/graphql", "/static/../.env", "/static/x/..%2f..%2fchatpop%2fconfig.py", "/files/../secret_key", "/backup.zip",
    "/var/secret_key", "/status",
]  # fmt: skip


def test_row_64_nothing_of_the_machinery_stands_at_its_usual_address(app: Flask, hana: Person, mia: Person) -> None:
    hana.open_room()
    for path in USUAL:
        for someone in (hana, mia, Person(app)):
            assert someone.get(path).status_code == 404, path
    for path in ("/admin", "/admin/jobs/", "/admin/jobs/0/data/queues.json", "/admin/settings"):
        assert hana.get(path).status_code == mia.get(path).status_code == 403, path
        assert "/login" in Person(app).get(path).headers["Location"]


EXTRA = {
    "id": "99", "user_id": "99", "is_admin": "1", "is_registered": "1", "is_disabled": "0", "is_abandoned": "0",
    "epoch": "7", "tier": "member", "host_id": "99", "host": "99", "code": "ACDEFG", "invite": "known",
    "last_seq": "70", "seq": "70", "author_id": "99", "author_name": "Ada", "is_verified": "1",
    "created_at": "2000-01-01", "fingerprint_hash": "x", "email": "evil@example.com", "password_hash": "x",
    "items_count": "-9", "owner_id": "99", "public_id": "x", "state": "active", "kind": "account",
    "registered_at": "2000-01-01", "room_id": "99", "is_attachment": "1", "assurance": "2",
}  # fmt: skip


def test_row_65_fields_that_no_form_has_change_nothing(app: Flask, hana: Person, gus: Person) -> None:
    """Opening, joining, writing, uploading and an upgrade, each with every column's name as a field."""
    sent = {**EXTRA, "name": "Tea", "topic": "", "visibility": "public"}
    code = hana.post("/rooms", data=sent).headers["Location"].split("/")[2]
    assert code != "ACDEFG"
    assert gus.post(f"/api/chats/{code}/join/", json={**EXTRA, "username": gus.roll(code)}).status_code == 201
    assert gus.post(f"/rooms/{code}/messages", json={**EXTRA, "body": "x"}).json["seq"] == 1
    assert send(gus, ("cat.png", picture()), data=EXTRA).status_code in (207, 303)
    name = gus.name
    assert name
    with app.app_context():
        user = db.session.scalars(select(User).where(User.username == name)).one()
        assert (user.is_registered, user.is_admin, user.epoch, user.email, user.items_count) == (
            False,
            False,
            0,
            None,
            1,
        )
        assert user.id != 99
    (upload,) = all_uploads(app)
    assert (upload.owner_id, upload.is_attachment, upload.room_id) == (user.id, False, None)
    assert f'data-author="{name}"' not in gus.get(f"/rooms/{code}/messages").text
    assert "message-verified" not in gus.get(f"/rooms/{code}/messages").text
    upgrade = {key: value for key, value in EXTRA.items() if key != "email"}
    assert register(gus, name, "gus@example.com", data=upgrade).status_code == 303
    after = user_called(app, name)
    assert (after.id, after.is_admin, after.is_disabled, after.email) == (user.id, False, False, "gus@example.com")
    assert gus.post("/account/name", data={**EXTRA, "username": "Gus-Rivers"}).status_code in (303, 422, 429)
    assert not user_called(app, gus.name or "").is_admin


@pytest.mark.parametrize("days", [-1, 1])
def test_row_69_a_clock_that_is_a_day_wrong_lets_nobody_in_and_nobody_out(app: Flask, hana: Person, days: int) -> None:
    """An access token that is not valid yet, or no more, is worth nothing alone; the device still is a proof."""
    hana.open_room()
    name, before = hana.name, row_counts(app)
    with freeze_time(clock.now() + timedelta(days=days), tick=True):
        alone = Person(app)
        alone.client.set_cookie("chatpop_access", str(hana.cookie("access")))
        assert alone.name is None
        assert Person(app).name is None
        assert hana.name == name
        users = row_counts(app)["users"]
    assert hana.name == name, "and when the clock is right again"
    assert row_counts(app)["users"] == users == before["users"]
    with app.app_context():
        assert not db.session.scalars(select(User.is_abandoned)).one()


@pytest.mark.parametrize("secret", ["too-few-signs", "change-me-change-me-change-me-change-me", "password" * 8])
def test_row_70_the_start_refuses_a_weak_secret_and_does_not_repeat_it(tmp_path: Path, secret: str) -> None:
    environ = {**os.environ, "SECRET_KEY": secret, "DATA_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    start = [sys.executable, "-m", "chatpop.serve"]
    done = subprocess.run(start, env=environ, capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert done.returncode == 1
    assert "SECRET_KEY has a wrong value" in done.stderr
    assert secret not in done.stderr + done.stdout


def test_row_71_no_secret_of_the_api_is_ever_part_of_an_address(app: Flask, bot: Program, hana: Person) -> None:
    """What an access log or a Referer could hold: no link, form or redirect of any page carries a token or code."""
    code = hana.open_room("Private", "private")
    hana.post("/resume-codes")
    personal = bot.post("tokens", {"name": "bot"}).json["token"]
    secrets = {str(hana.cookie(kind)) for kind in ("access", "refresh", "device")}
    secrets |= {str(bot.access), str(bot.refresh), personal, SECRET}
    addresses = []
    for path in get_paths(app, code=code):
        answer = hana.get(path)
        addresses += re.findall(r'(?:href|src|action|hx-[a-z]+)="([^"]+)"', answer.text)
        addresses.append(answer.headers.get("Location", ""))
        assert answer.headers["Referrer-Policy"] == "same-origin", path
    assert len(addresses) > 100
    for secret in secrets:
        assert not [address for address in addresses if secret in address]
    resume = [address for address in addresses if "/resume" in address]
    assert not [address for address in resume if "?" in address], "a code stands behind a #, which no server is sent"


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_row_72_every_dependency_is_pinned_with_its_checksums(lock: str) -> None:
    """So what an audit has looked at is what is installed; the audit itself needs the network."""
    entries = re.split(r"\n(?=[a-zA-Z0-9])", (ROOT / lock).read_text().replace("\\\n", " "))
    pinned = [entry for entry in entries if re.match(r"[a-zA-Z0-9]", entry)]
    assert len(pinned) > 20
    for entry in pinned:
        assert re.match(r"[A-Za-z0-9._-]+(\[[a-z0-9,_-]+\])?==[^ ]+", entry), entry.splitlines()[0]
        assert "--hash=sha256:" in entry, entry.splitlines()[0]
