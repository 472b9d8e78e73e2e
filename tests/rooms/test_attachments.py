"""Files on messages: brought before or with the message, shown to who may read it, gone with it."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from freezegun import freeze_time
from sqlalchemy import event, select

from chatpop.core import clock
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity import bans
from chatpop.identity.models import User
from chatpop.rooms import history
from chatpop.rooms.live.channel import Channel
from chatpop.rooms.live.wire import Frame, log_frame
from chatpop.rooms.models import Room
from chatpop.uploads import jobs
from tests.conftest import both_databases
from tests.support.people import Answer, Person
from tests.uploads.sending import JSON, KIND, all_uploads, body, counts, fetch, picture, stored

LARGE = picture(960, 720)
SMALL = picture(40, 30)


@pytest.fixture
def code(hana: Person, gus: Person) -> str:
    """A room of hana's that gus is in."""
    made = hana.open_room()
    gus.join(made)
    return made


def send(someone: Person, code: str, *files: tuple[str, bytes], text: str = "look", **options: Any) -> Answer:
    """The composer's form with these files, as a browser without scripts sends it."""
    sent = body(files, body=text, **options.pop("data", {}))
    return someone.post(f"/rooms/{code}/messages", data=sent, content_type=KIND, **options)


def bring(someone: Person, code: str, *files: tuple[str, bytes]) -> list[dict[str, str]]:
    """As the scripts do it before the message; a result each."""
    answer = someone.post(f"/rooms/{code}/attachments", data=body(files), content_type=KIND, headers=JSON)
    assert answer.status_code == 207, answer.text
    found: list[dict[str, str]] = answer.json["results"]
    return found


def name(someone: Person, code: str, text: str, *ids: str, client_id: str = "one") -> Answer:
    """A message that names files brought before."""
    sent = {"body": text, "client_id": client_id, "attachments": list(ids)}
    return someone.post(f"/rooms/{code}/messages", json=sent)


def files_on(page: str) -> list[str]:
    return re.findall(r'class="attachment-(?:picture|file)[^"]*" href="([^"]+)"', page)


def test_a_form_with_text_and_files_makes_one_message(app: Flask, code: str, gus: Person, oto: Person) -> None:
    answer = send(gus, code, ("cat.png", SMALL), ("big.png", LARGE))
    assert answer.status_code == 303
    page = oto.get(f"/rooms/{code}").text
    assert page.count('<li class="message') == 1
    small, large = files_on(page)
    assert f'<img src="{small}?size=thumbnail" width="40" height="30" alt="cat.png"' in page
    assert '<svg width="320" height="240"' in page, "a place as large as the picture that is to come"
    assert fetch(oto, small).status_code == fetch(oto, large).status_code == 200
    assert counts(app)[1] == 2


def test_files_alone_are_a_message_and_nothing_at_all_is_none(code: str, gus: Person) -> None:
    assert send(gus, code, ("cat.png", SMALL), text="").status_code == 303
    assert len(files_on(gus.get(f"/rooms/{code}").text)) == 1
    answer = send(gus, code, ("", b""), text=" ")
    assert (answer.status_code, "A message needs some text" in answer.text) == (422, True)


def test_brought_files_are_their_owners_alone_until_a_message_names_them(app: Flask, code: str, gus: Person) -> None:
    oto = Person(app)
    [result] = bring(gus, code, ("cat.png", SMALL))
    assert fetch(gus, result["url"]).status_code == 200
    assert fetch(oto, result["url"]).status_code == 404
    assert files_on(gus.get(f"/rooms/{code}").text) == []
    answer = name(gus, code, "", result["id"])
    assert answer.status_code == 201
    assert fetch(oto, result["url"]).status_code == 200
    assert name(gus, code, "again", result["id"], client_id="two").status_code == 422, "a file goes out once"


@pytest.mark.parametrize("wrong", ["another's", "unknown", "other room", "own page", "too many", "no list", "odd"])
def test_only_files_brought_for_this_message_can_be_named(code: str, hana: Person, gus: Person, wrong: str) -> None:
    if wrong == "another's":
        ids: Any = [bring(hana, code, ("cat.png", SMALL))[0]["id"]]
    elif wrong == "other room":
        ids = [bring(gus, gus.open_room(), ("cat.png", SMALL))[0]["id"]]
    elif wrong == "own page":
        sent = gus.post("/uploads", data=body((("cat.png", SMALL),)), content_type=KIND, headers=JSON)
        ids = [sent.json["results"][0]["id"]]
    else:
        ids = {
            "unknown": ["x" * 22],
            "too many": [f"{n:022}" for n in range(11)],
            "no list": "x" * 22,
            "odd": ["\ud800"],
        }[wrong]
    answer = gus.post(f"/rooms/{code}/messages", json={"body": "look", "attachments": ids})
    assert answer.status_code == (400 if wrong == "no list" else 422)
    assert answer.json["error"]
    assert gus.get(f"/rooms/{code}").text.count('<li class="message') == 0


def test_other_files_are_a_row_with_name_type_and_size(make_app: Callable[..., Flask]) -> None:
    hana = Person(make_app(UNREGISTERED_ALLOWED_TYPES="*"))
    code = hana.open_room()
    send(hana, code, ("../../<b>plan & \r\nmore</b>.pdf", b"%PDF-1.4\n%%EOF\n"))
    page = hana.get(f"/rooms/{code}").text
    assert '<span class="attachment-ending" aria-hidden="true">pdf</span>' in page
    assert "15 bytes" in page
    assert "<b>plan" not in page
    [address] = files_on(page)
    answer = fetch(hana, address)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")


@both_databases
def test_sending_the_same_once_more_keeps_no_file_twice(app: Flask, code: str, gus: Person) -> None:
    once = {"client_id": "once"}
    together = threading.Barrier(4)

    def again(_: int) -> int:
        together.wait()
        return send(gus, code, ("cat.png", SMALL), data=once).status_code

    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(again, range(4)))
    assert statuses == [303] * 4
    assert send(gus, code, ("cat.png", SMALL), text="", data=once, headers=JSON).status_code == 200
    assert len(files_on(gus.get(f"/rooms/{code}").text)) == 1
    assert (len(all_uploads(app)), counts(app)[1]) == (1, 1)
    with app.app_context():
        jobs.remove_files()
    assert len(stored(app)) == 1


def test_naming_the_same_files_again_is_the_same_message(code: str, gus: Person) -> None:
    ids = [result["id"] for result in bring(gus, code, ("a.png", SMALL), ("b.png", SMALL))]
    first, again = name(gus, code, "look", *ids), name(gus, code, "look", *ids)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json["seq"] == again.json["seq"]


def test_a_refused_file_keeps_the_text_and_the_others_and_says_why(app: Flask, code: str, gus: Person) -> None:
    answer = send(gus, code, ("good.png", SMALL), ("bad.txt", b"plain words"), text="my words")
    assert answer.status_code == 415 or answer.status_code == 422
    assert "my words</textarea>" in answer.text
    assert "“bad.txt”" in answer.text
    assert "Registered, you could bring files of any type." in answer.text
    [kept] = re.findall(r'name="attachments" value="([^"]+)" checked', answer.text)
    assert kept == all_uploads(app)[0].public_id
    sent = {"body": "my words", "attachments": kept, "client_id": "next"}
    assert gus.post(f"/rooms/{code}/messages", data=sent).status_code == 303
    assert len(files_on(gus.get(f"/rooms/{code}").text)) == 1


@pytest.mark.parametrize("form", ["json", "fragment"])
def test_a_script_gets_the_reason_and_what_came_with_the_refused_is_not_kept(
    app: Flask, code: str, gus: Person, form: str
) -> None:
    options: dict[str, Any] = {"headers": JSON} if form == "json" else {"htmx": True}
    answer = send(gus, code, ("good.png", SMALL), ("bad.txt", b"plain words"), **options)
    assert answer.status_code >= 400
    assert "bad.txt" in answer.text
    assert (all_uploads(app), counts(app)[1]) == ([], 0)


def test_a_file_that_is_too_large_names_the_limit(make_app: Callable[..., Flask]) -> None:
    hana = Person(make_app(UNREGISTERED_MAX_FILE_SIZE_MB="1"))
    code = hana.open_room()
    answer = send(hana, code, ("huge.png", b"x" * 1_100_000), text="my words")
    assert answer.status_code == 413
    assert "1 MB is the most for guests. Registered, you could bring up to 100 MB." in answer.text
    assert "my words</textarea>" in answer.text


def test_of_thirteen_at_once_with_room_for_five_exactly_five_are_sent(app: Flask, code: str, gus: Person) -> None:
    together = threading.Barrier(13)

    def one(number: int) -> int:
        together.wait()
        return send(gus, code, ("cat.png", SMALL), data={"client_id": f"id-{number}"}).status_code

    with ThreadPoolExecutor(13) as pool:
        statuses = list(pool.map(one, range(13)))
    assert sorted(statuses) == [303] * 5 + [429] * 8
    page = gus.get(f"/rooms/{code}").text
    assert len(files_on(page)) == page.count('<li class="message') == 5
    answer = send(gus, code, ("cat.png", SMALL))
    assert "5 files are the most a guest may keep" in answer.text
    assert "Registered, you could keep as many as you like." in answer.text


def test_who_is_not_in_the_room_brings_nothing(app: Flask, code: str, oto: Person) -> None:
    visitor = Person(app)
    for someone, status in ((visitor, 401), (oto, 403)):
        oto.open_room()
        files = body((("cat.png", SMALL),), body="look")
        for path in (f"/rooms/{code}/messages", f"/rooms/{code}/attachments"):
            assert someone.post(path, data=files, content_type=KIND, headers=JSON).status_code == status
            assert someone.post(path, data=files, content_type=KIND).status_code == 303
    assert all_uploads(app) == []


def test_a_private_rooms_files_are_for_its_people(app: Flask, hana: Person, oto: Person) -> None:
    code = hana.open_room(visibility="private")
    send(hana, code, ("cat.png", SMALL))
    [address] = files_on(hana.get(f"/rooms/{code}").text)
    assert fetch(hana, address).status_code == 200
    assert fetch(oto, address).status_code == 404
    for path in (f"/rooms/{code}/messages/1/attachments", f"/rooms/{code}/messages"):
        assert oto.get(path).status_code == 404
    assert send(oto, code, ("cat.png", SMALL)).status_code == 404
    assert len(all_uploads(app)) == 1


def test_who_is_muted_or_banned_brings_nothing(app: Flask, code: str, hana: Person, gus: Person) -> None:
    [tag] = re.findall(r'id="room"[^>]*data-me="(\w+)"', gus.get(f"/rooms/{code}").text)
    hana.post(f"/rooms/{code}/people/{tag}/mute", data={"length": "1h"})
    answer = send(gus, code, ("cat.png", SMALL), text="my words")
    assert answer.status_code == 403
    assert "my words" in answer.text
    refused = gus.post(f"/rooms/{code}/attachments", data=body((("cat.png", SMALL),)), content_type=KIND, headers=JSON)
    assert (refused.status_code, refused.json["code"]) == (403, "muted")
    assert hana.post(f"/rooms/{code}/people/{tag}/ban", data={"kinds": "account", "length": "1d"}).status_code < 400
    assert send(gus, code, ("cat.png", SMALL), headers=JSON).status_code in (403, 404)
    assert all_uploads(app) == []


def test_a_room_closed_to_guests_takes_no_files_of_theirs(app: Flask, code: str, hana: Person, gus: Person) -> None:
    assert hana.post(f"/rooms/{code}/closure").status_code < 400
    assert send(gus, code, ("cat.png", SMALL), headers=JSON).json["code"] == "closed_to_guests"
    files = body((("cat.png", SMALL),))
    assert gus.post(f"/rooms/{code}/attachments", data=files, content_type=KIND, headers=JSON).status_code == 403
    assert all_uploads(app) == []
    assert send(hana, code, ("cat.png", SMALL)).status_code == 303, "who looks after it may"


def test_under_slow_mode_the_text_and_the_files_are_kept_for_the_next_try(code: str, hana: Person, gus: Person) -> None:
    hana.post(f"/rooms/{code}/slow-mode", data={"seconds": "30"})
    assert send(gus, code, ("cat.png", SMALL)).status_code == 303
    answer = send(gus, code, ("dog.png", SMALL), text="my words")
    assert answer.status_code == 429
    assert "Slow mode" in answer.text
    assert "my words</textarea>" in answer.text
    assert 'name="attachments"' in answer.text
    assert "dog.png" in answer.text


@pytest.mark.parametrize("kind", ["fingerprint_hash", "network"])
def test_a_device_or_network_banned_from_the_site_writes_and_brings_nothing(
    app: Flask, code: str, gus: Person, kind: str
) -> None:
    with app.app_context(), transaction() as session:
        user = session.scalars(select(User).order_by(User.id.desc())).first()
        assert user is not None
        value = {"fingerprint_hash": user.fingerprint_hash, "network": "127.0.0.1"}[kind]
        now = clock.now()
        ban = bans.Ban(shown_name="gus", placed_at=now, expires_at=now + timedelta(days=1), **{kind: value})
        session.add(ban)
    assert gus.say(code, "hello").status_code == 403
    assert send(gus, code, ("cat.png", SMALL), headers=JSON).status_code == 403
    own = gus.post("/uploads", data=body((("cat.png", SMALL),)), content_type=KIND, headers=JSON)
    assert (own.status_code, own.json["code"]) == (403, "banned")
    assert all_uploads(app) == []
    assert gus.get(f"/rooms/{code}").status_code == 200, "reading stays open"


@both_databases
@pytest.mark.parametrize("who", ["author", "host"])
def test_deleting_a_message_removes_its_files(app: Flask, code: str, hana: Person, gus: Person, who: str) -> None:
    send(gus, code, ("cat.png", SMALL), ("big.png", LARGE))
    addresses = files_on(gus.get(f"/rooms/{code}").text)
    someone = gus if who == "author" else hana
    assert someone.post(f"/rooms/{code}/messages/1/deletion").status_code == 303
    assert files_on(hana.get(f"/rooms/{code}").text) == []
    assert [fetch(gus, address).status_code for address in addresses] == [404, 404]
    assert counts(app)[1] == 0
    with app.app_context():
        jobs.remove_files()
    assert stored(app) == set()


def test_a_file_that_its_owner_ends_leaves_the_message_without_it(code: str, gus: Person) -> None:
    send(gus, code, ("cat.png", SMALL), text="")
    key = files_on(gus.get(f"/rooms/{code}").text)[0].split("/")[2]
    gus.post(f"/uploads/{key}/deletion")
    page = gus.get(f"/rooms/{code}").text
    assert files_on(page) == []
    assert "The file has been removed" in page


def test_what_was_never_sent_goes_after_an_hour(app: Flask, code: str, gus: Person) -> None:
    [draft, _] = bring(gus, code, ("cat.png", SMALL), ("dog.png", SMALL))
    name(gus, code, "look", draft["id"])
    with app.app_context():
        with freeze_time(clock.now() + timedelta(minutes=59)):
            assert jobs.remove_drafts() == 0
        with freeze_time(clock.now() + timedelta(minutes=61)):
            assert jobs.remove_drafts() == 1
    assert [upload.public_id for upload in all_uploads(app)] == [draft["id"]]


def test_the_placeholder_asks_for_the_small_version_less_and_less_often(app: Flask, code: str, gus: Person) -> None:
    send(gus, code, ("big.png", LARGE))
    assert "attachments?wait=10" in gus.get(f"/rooms/{code}").text
    path = f"/rooms/{code}/messages/1/attachments"
    assert 'hx-trigger="load delay:40s"' in gus.get(f"{path}?wait=40").text
    assert 'hx-trigger="load delay:60s"' in gus.get(f"{path}?wait=4000").text
    [upload] = all_uploads(app)
    with app.app_context():
        jobs.make_thumbnail(upload.id)
    shown = gus.get(path).text
    assert "hx-get" not in shown
    assert f'src="/files/{upload.public_id}/big.png?size=thumbnail" width="320" height="240"' in shown
    assert len(fetch(gus, f"/files/{upload.public_id}/big.png?size=thumbnail").data) < len(LARGE) * 20


def test_a_replayed_stream_shows_files_and_asks_for_all_of_them_at_once(app: Flask, code: str, gus: Person) -> None:
    for number in range(4):
        send(gus, code, ("cat.png", SMALL), data={"client_id": f"id-{number}"})
    asked: list[str] = []
    with app.app_context():
        room_id = db.session.scalars(select(Room.id)).one()
        event.listen(db.engine, "before_cursor_execute", lambda *call: asked.append(str(call[2])))
        entries = history.read_log(room_id, 0)
        frames = [log_frame(entry).data for entry in entries]
    assert sum("FROM uploads" in text for text in asked) == 1
    assert all(b'class="attachments"' in frame for frame in frames)
    assert len(frames) == 4


def test_a_fact_about_files_brings_the_message_anew_and_forgets_how_it_was() -> None:
    channel = Channel(1, "ABCDEF")
    channel.position = 2
    channel.advance([Frame(3, b"three", None), Frame(4, b"four", None)])
    before = channel.changes
    channel.alter(3)
    assert channel.remembered(2) is None, "a replay reads it again"
    assert channel.remembered(3) == [b"four"]
    channel.keep([Frame(3, b"as it was", None)], before)
    assert channel.remembered(2) is None, "also one that was read before"


def test_writing_without_files_asks_nothing_about_files(app: Flask, code: str, gus: Person) -> None:
    asked: list[str] = []
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda *call: asked.append(str(call[2])))
    assert gus.say(code, "hello").status_code == 201
    assert gus.post(f"/rooms/{code}/messages", data={"body": "a form"}).status_code == 303
    assert not any("uploads" in text for text in asked)
    assert sum(text.startswith("SELECT") for text in asked) == 6, "as many as before, twice"
