"""A copy of one's data: asked for, written by a job, fetched by its owner alone, gone after seven days."""

from __future__ import annotations

import io
import json
import os
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from freezegun import freeze_time
from redis import Redis
from sqlalchemy import select, update

from chatpop.core import clock
from chatpop.extensions import db
from chatpop.lifecycle import archive, export
from chatpop.lifecycle.jobs import exports_folder, tend_exports, write_export
from chatpop.lifecycle.models import Export
from tests.accounts.acts import log_in, make_member, user_called
from tests.conftest import both_databases
from tests.lifecycle.working import work
from tests.support.people import Answer, Person

AGENT = "Mozilla/5.0 (X11; Linux) Firefox/140.0"


def link(page: str) -> str | None:
    found = re.search(r'href="(/account/exports/[^"]+)" download', page)
    return found.group(1) if found else None


def download(someone: Person, path: str | None) -> Answer:
    """The answer of the file's address, read to its end."""
    assert path
    answer = someone.get(path)
    assert answer.data is not None
    answer.close()
    return answer


def contents(body: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(body)) as opened:
        assert opened.testzip() is None
        return {name.removesuffix(".json"): json.loads(opened.read(name)) for name in opened.namelist()}


def files(app: Flask) -> list[Path]:
    with app.app_context():
        folder = exports_folder()
    return sorted(folder.iterdir()) if folder.is_dir() else []


def fetch(app: Flask, someone: Person) -> dict[str, Any]:
    assert someone.post("/account/exports").status_code == 303
    work(app)
    answer = download(someone, link(someone.get("/account/exports").text))
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=chatpop-")
    assert answer.headers["Cache-Control"] == "no-store"
    return contents(answer.data)


@both_databases
def test_a_guest_gets_everything_that_is_its_own(app: Flask, hana: Person, gus: Person) -> None:
    code = hana.open_room("Harbour", topic="ships")
    hana.say(code, "ahoi\nthere")
    gone = hana.say(code, "a slip").json["seq"]
    hana.post(f"/rooms/{code}/messages/{gone}/deletion")
    gus.join(code)
    gus.say(code, "not hana's")
    name = hana.name
    found = fetch(app, hana)
    account = found["account"][0]
    assert account["username"] == name
    assert account["fingerprint_data"]["user_agent"] == AGENT
    assert account["registration_ip"] == "127.0.0.1"
    assert [row["display"] for row in found["names"]] == [name]
    assert [(row["code"], row["topic"]) for row in found["rooms"]] == [(code, "ships")]
    assert [(row["room"], row["name"]) for row in found["participations"]] == [("Harbour", name)]
    assert [(row["body"], bool(row["deleted_at"])) for row in found["messages"]] == [("ahoi\nthere", False), ("", True)]
    assert [row["label"] for row in found["devices"]] == ["Firefox on Linux"]
    assert [row["device"] for row in found["sessions"]] == ["Firefox on Linux"]
    assert found["passkeys"] == found["access_tokens"] == []


@both_databases
def test_no_hash_and_no_secret_is_in_it(app: Flask, mia: Person) -> None:
    mia.open_room()
    text = json.dumps(fetch(app, mia))
    user = user_called(app, "Mia-Rivers")
    assert "mia@example.com" in text
    assert user.password_hash
    assert user.password_hash not in text
    for word in ("argon2", "_hash", "epoch", "secret", "invite", "token_hash"):
        assert word not in text


def test_the_page_tells_how_far_it_is(app: Flask, mia: Person) -> None:
    assert "Make a copy" in mia.get("/account/exports").text
    mia.post("/account/exports")
    page = mia.get("/account/exports").text
    assert "Your copy is being made." in page
    assert "Look again" in page
    fragment = mia.get("/account/exports/latest", htmx=True).text
    assert 'hx-trigger="every 3s"' in fragment
    assert "<html" not in fragment
    work(app)
    fragment = mia.get("/account/exports/latest", htmx=True).text
    assert link(fragment)
    assert "every 3s" not in fragment


def test_one_an_hour_and_one_at_a_time(app: Flask, mia: Person) -> None:
    for _ in range(3):
        assert mia.post("/account/exports").status_code == 303, "a second wish while it is made is the same one"
    with app.app_context():
        assert len(db.session.scalars(select(Export)).all()) == 1
    work(app)
    answer = mia.post("/account/exports")
    assert answer.status_code == 429
    assert 3500 < int(answer.headers["Retry-After"]) <= 3600
    assert link(answer.text), "the one there is stays at hand"
    assert mia.post("/account/exports", htmx=True).status_code == 429
    assert mia.post("/account/exports", json={}).json["limit"] == 1
    first = link(mia.get("/account/exports").text) or ""
    with freeze_time(clock.now() + timedelta(minutes=61), tick=True):
        assert mia.post("/account/exports").status_code == 303
        assert mia.get(first).status_code == 404, "the older one is replaced"
        work(app)
        assert len(files(app)) == 1


def test_the_file_is_its_owners_alone(app: Flask, mia: Person, hana: Person, oto: Person) -> None:
    mia.post("/account/exports")
    work(app)
    path = link(mia.get("/account/exports").text) or ""
    hana.open_room()
    assert hana.get(path).status_code == 404
    answer = oto.get(path)
    assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (303, "/login")
    assert download(mia, path).status_code == 200
    assert mia.get("/account/exports/..%2F..%2Fsecret_key").status_code == 404
    assert mia.get("/account/exports/nonsense").status_code == 404
    assert [oct(file.stat().st_mode & 0o777) for file in files(app)] == ["0o600"]
    mia.post("/logout")
    assert mia.get(path).status_code == 303


def test_who_may_not_ask(mia: Person, oto: Person) -> None:
    answer = oto.post("/account/exports")
    assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (303, "/login")
    assert oto.post("/account/exports", htmx=True).status_code == 401
    assert mia.post("/account/exports", data={"csrf_token": "wrong"}).status_code == 400
    assert mia.post("/account/exports", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert mia.client.delete("/account/exports", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 405


def test_a_browser_known_by_its_headers_alone_gets_nothing(make_app: Callable[..., Flask]) -> None:
    app = make_app(GUEST_RECOGNITION="headers", GUEST_RECOGNITION_ACCEPT="strangers-may-share-accounts")
    hana, twin = Person(app), Person(app)
    hana.open_room()
    assert twin.name == hana.name
    assert twin.post("/account/exports").status_code == 403
    assert twin.get("/account/deletion").status_code == 403
    assert hana.post("/account/exports").status_code == 303


@both_databases
def test_seven_days_later_it_is_gone(app: Flask, mia: Person) -> None:
    mia.post("/account/exports")
    work(app)
    path = link(mia.get("/account/exports").text) or ""
    with freeze_time(clock.now() + timedelta(days=7, minutes=1), tick=True):
        log_in(mia)
        assert mia.get(path).status_code == 404
        assert link(mia.get("/account/exports").text) is None
        with app.app_context():
            assert tend_exports() == 1
            assert tend_exports() == 0
            assert db.session.scalars(select(Export)).all() == []
    assert files(app) == []


def only_export(app: Flask) -> int:
    with app.app_context():
        return db.session.scalars(select(Export.id)).one()


@both_databases
def test_the_job_may_run_twice(app: Flask, mia: Person, redis: Redis) -> None:
    mia.post("/account/exports")
    export_id = only_export(app)
    with app.app_context():
        write_export(export_id)
        first = [(path, path.stat().st_mtime_ns) for path in files(app)]
        write_export(export_id)
        write_export(987_654)
    assert [(path, path.stat().st_mtime_ns) for path in files(app)] == first
    with app.app_context():  # a second worker that had begun before the first was ready
        db.session.execute(update(Export).values(ready_at=None))
        db.session.commit()
        assert export.write_export(export_id, exports_folder()) is True
    assert len(files(app)) == 1
    assert download(mia, link(mia.get("/account/exports").text)).status_code == 200


def test_a_killed_job_leaves_nothing_behind(app: Flask, mia: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    mia.post("/account/exports")
    export_id = only_export(app)
    child = os.fork()
    if child == 0:  # the worker's horse, which dies in the middle of the file
        with app.app_context():
            db.engine.dispose(close=False)
            monkeypatch.setattr(archive, "_json_list", lambda _: os._exit(9))
            write_export(export_id)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert [path.suffix for path in files(app)] == [".part"]
    assert "Your copy is being made." in mia.get("/account/exports").text
    with freeze_time(clock.now() + timedelta(hours=3), tick=True), app.app_context():
        assert tend_exports() == 1, "the draft"
    assert [path.suffix for path in files(app)] == [".zip"], "and the lost job is done"
    assert link(mia.get("/account/exports").text)


def test_with_redis_away_it_is_written_later(make_app: Callable[..., Flask]) -> None:
    mia = make_member(Person(make_app()))
    app = make_app(REDIS_URL="redis://127.0.0.1:1/0")
    away = Person(app)
    log_in(away)
    assert away.post("/account/exports").status_code == 303
    with app.app_context():
        assert tend_exports() == 0
        assert files(app) == []
    with freeze_time(clock.now() + timedelta(minutes=6), tick=True), app.app_context():
        tend_exports()
    assert link(mia.get("/account/exports").text)


def test_rows_are_streamed_not_gathered(app: Flask, mia: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more than a batch of rows is ever between the database and the file."""
    code = mia.open_room()
    for number in range(7):
        mia.say(code, f"message {number}")
    monkeypatch.setattr(archive, "ROWS_AT_ONCE", 2)
    pieces = archive._json_list({"n": number} for number in range(3))
    assert next(pieces) == '[\n{"n": 0}'
    mia.post("/account/exports")
    with app.app_context():
        write_export(only_export(app))
    found = contents(download(mia, link(mia.get("/account/exports").text)).data)
    assert [row["body"] for row in found["messages"]] == [f"message {number}" for number in range(7)]
