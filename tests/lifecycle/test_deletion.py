"""Deleting an account: gone at once, names nobody's for good, messages as chosen, no trace of address or e-mail."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import func, select, update

from chatpop.core import redis_keys
from chatpop.extensions import db
from chatpop.identity.models import Device, PersonalAccessToken, User
from chatpop.identity.models import Session as LoginSession
from chatpop.lifecycle import deletion
from chatpop.lifecycle.deletion import SOMEBODY
from chatpop.lifecycle.jobs import finish_deletion, finish_deletions
from chatpop.lifecycle.models import Deletion
from chatpop.names.models import Name
from chatpop.rooms.models import Message, Participation, Room, RoomEvent
from tests.accounts.acts import PASSWORD, log_in, make_member, register, user_called
from tests.conftest import both_databases
from tests.lifecycle.everything import tables_with
from tests.lifecycle.working import work
from tests.support.people import Answer, Person

ADDRESS = "203.0.113.77"
EMAIL = "mia.rivers@private.example"
fates = pytest.mark.parametrize("fate", ["keep", "relabel", "remove"])


@pytest.fixture
def mia(app: Flask) -> Person:
    """A member from an address of her own, once a guest there too."""
    someone = Person(app, ADDRESS)
    someone.open_room("Harbour")
    register(someone, "Mia-Rivers", EMAIL)
    return someone


def delete(someone: Person, fate: str = "keep", password: str = PASSWORD, **data: str) -> Answer:
    return someone.post("/account/deletion", data={"messages": fate, "password": password, **data})


def room_of(app: Flask) -> str:
    with app.app_context():
        return db.session.scalars(select(Room.code)).one()


def count(app: Flask, model: type) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


@both_databases
@fates
def test_nothing_of_the_person_is_left(app: Flask, mia: Person, fate: str) -> None:
    mia.say(room_of(app), "hello")
    mia.post("/account/exports")
    assert tables_with(app, EMAIL) == {"users.email"}
    assert tables_with(app, ADDRESS) != set()
    answer = delete(mia, fate)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert tables_with(app, EMAIL) == tables_with(app, ADDRESS) == set(), "at once"
    assert [count(app, model) for model in (Device, LoginSession, PersonalAccessToken, Participation)] == [0] * 4
    work(app)
    assert (count(app, User), count(app, Deletion)) == (0, 0)
    assert tables_with(app, EMAIL) == tables_with(app, ADDRESS) == set()
    with app.app_context():
        assert db.session.scalars(select(Room.host_id)).all() == [None]
        assert db.session.scalars(select(Message.author_id)).all() == [None]


@both_databases
def test_the_names_are_nobodys_for_good_and_the_email_is_free(app: Flask, mia: Person) -> None:
    guest = mia.name
    delete(mia)
    work(app)
    with app.app_context():
        rows = db.session.execute(select(Name.user_id, Name.state)).all()
    assert {(row.user_id, row.state) for row in rows} == {(None, "retired")}
    again = Person(app)
    for name in ("Mia-Rivers", "miarlvers", guest or ""):
        assert register(again, name, EMAIL).status_code == 422, "nobody can pose as her"
    assert register(again, "Other-Rivers", EMAIL).status_code == 303


@both_databases
@pytest.mark.parametrize(
    ("fate", "author", "body"),
    [("keep", "Mia-Rivers", "hello"), ("relabel", SOMEBODY, "hello"), ("remove", SOMEBODY, "")],
)
def test_the_messages_go_as_chosen(app: Flask, mia: Person, oto: Person, fate: str, author: str, body: str) -> None:
    code = oto.open_room("Attic")
    mia.join(code, "Mia-Rivers")
    mia.say(code, "hello")
    slip = mia.say(code, "a slip").json["seq"]
    mia.post(f"/rooms/{code}/messages/{slip}/deletion")
    oto.say(code, "oto stays")
    delete(mia, fate)
    work(app)
    with app.app_context():
        rows = db.session.scalars(select(Message).order_by(Message.seq)).all()
        assert [(row.author_name, row.body) for row in rows] == [(author, body), (author, ""), (oto.name, "oto stays")]
        assert rows[0].author_is_verified is (fate == "keep")
        assert count(app, RoomEvent) == (2 if fate == "remove" else 1), "what was deleted before is deleted once"
        seqs = [*db.session.scalars(select(Message.seq)), *db.session.scalars(select(RoomEvent.seq))]
        assert sorted(seqs) == list(range(1, len(seqs) + 1)), "one log without a gap"
        assert db.session.scalar(select(Room.last_seq).where(Room.code == code)) == len(seqs)
    page = oto.get(f"/rooms/{code}").text
    assert ("Mia-Rivers" in page) is (fate == "keep")
    assert (page.count("Message deleted") == 2) is (fate == "remove")


@both_databases
@fates
def test_a_killed_job_goes_on_where_it_was(
    app: Flask, mia: Person, redis: Redis, monkeypatch: pytest.MonkeyPatch, fate: str
) -> None:
    code = room_of(app)
    for number in range(7):
        mia.say(code, f"message {number}")
    delete(mia, fate)
    monkeypatch.setattr(deletion, "BATCH", 2)
    batches = 0

    def die(*_: object) -> None:
        nonlocal batches
        batches += 1
        if batches == 2:
            raise KeyboardInterrupt

    real = getattr(deletion, "_remove" if fate == "remove" else "_relabel")

    def batch(*arguments: object) -> object:
        die()
        return real(*arguments)

    with app.app_context():
        user_id = db.session.scalars(select(Deletion.user_id)).one()
        with monkeypatch.context() as patched:
            patched.setattr(deletion, real.__name__, batch)
            with pytest.raises(KeyboardInterrupt):
                finish_deletion(user_id)
        left = db.session.scalar(select(func.count(Message.id)).where(Message.author_id.is_not(None)))
        db.session.rollback()
        assert left == 5
        assert finish_deletions() == 1
        assert finish_deletions() == 0
        finish_deletion(user_id)
        assert count(app, RoomEvent) == (7 if fate == "remove" else 0)
        assert db.session.scalar(select(func.count(Message.id)).where(Message.author_id.is_not(None))) == 0
    assert count(app, User) == 0


def test_she_is_out_everywhere_at_once(app: Flask, mia: Person) -> None:
    other = Person(app)
    log_in(other)
    assert delete(mia).status_code == 303
    assert "Your account is deleted." in mia.get("/").text
    assert mia.name is None
    assert other.name is None
    assert log_in(Person(app)).status_code == 422
    assert log_in(Person(app), EMAIL).status_code == 422


def test_a_guest_types_the_name(app: Flask, hana: Person) -> None:
    code = hana.open_room()
    hana.say(code, "hello")
    name = hana.name or ""
    assert "Type your username to confirm" in hana.get("/account/deletion").text
    for wrong in ("", "Somebody-Else"):
        answer = hana.post("/account/deletion", data={"messages": "remove", "username": wrong})
        assert answer.status_code == 422
        assert "This is not your username." in answer.text
    assert hana.name == name
    assert hana.post("/account/deletion", data={"messages": "remove", "username": name.lower()}).status_code == 303
    work(app)
    assert count(app, User) == 0
    assert not hana.name
    assert hana.cookie("device") is None


def test_a_member_confirms_by_password_which_can_not_be_guessed(app: Flask, mia: Person) -> None:
    for htmx in (False, True):
        answer = mia.post("/account/deletion", data={"messages": "keep", "password": "wrong"}, htmx=htmx)
        assert answer.status_code == 422
        assert "This is not your password." in answer.text
        assert ("<html" in answer.text) is not htmx
    assert delete(mia, password="", username="Mia-Rivers").status_code == 422, "her name is known to everybody"
    for _ in range(2):
        delete(mia, password="wrong")
    answer = delete(mia)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert mia.name == "Mia-Rivers"


@pytest.mark.parametrize("fate", ["", "burn"])
def test_a_choice_has_to_be_made(mia: Person, fate: str) -> None:
    assert delete(mia, fate).status_code == 422
    assert mia.name == "Mia-Rivers"


def test_who_can_not_delete(app: Flask, mia: Person, oto: Person) -> None:
    answer = delete(oto)
    assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (303, "/login")
    assert oto.post("/account/deletion", htmx=True).status_code == 401
    assert delete(mia, csrf_token="wrong").status_code == 400
    foreign = {"Sec-Fetch-Site": "cross-site"}
    data = {"messages": "keep", "password": PASSWORD}
    assert mia.post("/account/deletion", data=data, headers=foreign).status_code == 403
    assert mia.name == "Mia-Rivers"
    assert count(app, Deletion) == 0


def test_a_guest_merged_shortly_before_goes_too(app: Flask, hana: Person) -> None:
    someone = Person(app, ADDRESS)
    someone.open_room()
    guest = someone.name or ""
    register(Person(app), "Mia-Rivers", EMAIL)
    log_in(someone)
    assert someone.post("/account/merges", data={"guest": guest}).status_code == 303
    assert delete(someone).status_code == 303
    assert tables_with(app, ADDRESS) == set()
    work(app)
    assert count(app, User) == 0
    assert tables_with(app, guest) <= {"names.display", "names.key"}


def test_a_guest_of_the_same_browser_stays(app: Flask, hana: Person) -> None:
    hana.open_room()
    guest = hana.name
    register(Person(app))
    log_in(hana)
    assert delete(hana).status_code == 303
    assert hana.name == guest


def test_with_redis_away_the_rest_is_done_later(make_app: Callable[..., Flask]) -> None:
    make_member(Person(make_app()))
    app = make_app(REDIS_URL="redis://127.0.0.1:1/0")
    mia = Person(app)
    log_in(mia)
    assert delete(mia).status_code == 303
    assert (count(app, User), tables_with(app, "mia@example.com")) == (1, set())
    with app.app_context():
        assert finish_deletions() == 1
    assert count(app, User) == 0


def test_a_disabled_account_can_not_flee(app: Flask, mia: Person) -> None:
    with app.app_context():
        db.session.execute(update(User).values(is_disabled=True))
        db.session.commit()
    assert delete(mia).status_code == 403
    assert user_called(app, "Mia-Rivers").email == EMAIL


@both_databases
@pytest.mark.parametrize(("fate", "events"), [("relabel", 0), ("remove", 12)])
def test_two_jobs_at_once_do_it_once(
    app: Flask, mia: Person, monkeypatch: pytest.MonkeyPatch, fate: str, events: int
) -> None:
    code = room_of(app)
    for number in range(12):
        mia.say(code, f"message {number}")
    delete(mia, fate)
    monkeypatch.setattr(deletion, "BATCH", 1)
    counts: list[int] = []
    with app.app_context():
        user_id = db.session.scalars(select(Deletion.user_id)).one()

    def run() -> None:
        with app.app_context():
            counts.append(deletion.finish_deletion(user_id))

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (sum(counts), count(app, RoomEvent), count(app, User)) == (12, events, 0)
    with app.app_context():
        assert set(db.session.scalars(select(Message.author_name))) == {SOMEBODY}


def test_a_removal_is_told_to_everybody_at_once(app: Flask, mia: Person, redis: Redis) -> None:
    mia.say(room_of(app), "hello")
    with app.app_context():
        room_id = db.session.scalars(select(Room.id)).one()
    with redis.pubsub() as channel:  # type: ignore[no-untyped-call]
        channel.subscribe(redis_keys.room_events(room_id))
        delete(mia, "remove")
        work(app)
        items = [channel.get_message(timeout=1) for _ in range(3)]
    heard = [json.loads(item["data"]) for item in items if item and item["type"] == "message"]
    assert {"room": room_id, "seq": 2, "kind": "delete"} in heard
