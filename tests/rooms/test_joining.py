"""Joining: only under names that are one's own, and one owner a name whatever races."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from flask import Flask
from sqlalchemy import func, select

from chatpop.extensions import db, redis_store
from chatpop.identity.models import User
from chatpop.names.key import canonical_key
from chatpop.names.models import Name
from chatpop.rooms.models import Participation
from tests.conftest import both_databases
from tests.support.people import Person
from tests.support.rows import row_counts


def holder_of(app: Flask, name: str) -> list[Name]:
    with app.app_context():
        return list(db.session.scalars(select(Name).where(Name.key == canonical_key(name))))


@both_databases
def test_a_rolled_name_joins_and_makes_the_guest(app: Flask, hana: Person, gus: Person) -> None:
    code = hana.open_room()
    name = gus.roll(code)
    answer = gus.post(f"/api/chats/{code}/join/", json={"username": name, "fingerprint": "fp-1"})
    assert answer.status_code == 201
    assert answer.json == {"username": name, "room": code, "is_returning": False}
    assert all(gus.cookie(kind) for kind in ("access", "refresh", "device"))
    assert gus.cookie("visitor") is None, "the visitor's id is spent"
    with app.app_context():
        user = db.session.scalar(select(User).where(User.username == name))
        assert user is not None
        assert (user.is_registered, user.email) == (False, None)
        assert user.fingerprint_data is not None
        assert user.fingerprint_data["client"] == "fp-1"
        assert len(user.fingerprint_hash or "") == 64


def test_joining_again_under_the_same_name_in_any_case_is_returning(hana: Person, gus: Person) -> None:
    code = hana.open_room()
    name = gus.roll(code)
    assert gus.join(code, name).status_code == 201
    again = gus.join(code, name.upper())
    assert (again.status_code, again.json["is_returning"], again.json["username"]) == (200, True, name)


def test_joining_again_under_another_name_is_refused(hana: Person, gus: Person) -> None:
    code = hana.open_room()
    gus.join(code)
    other = gus.roll(code)
    answer = gus.join(code, other)
    assert answer.status_code == 400
    assert "already joined" in answer.json["error"]


def test_a_name_that_was_never_rolled_is_refused(hana: Person, gus: Person) -> None:
    code = hana.open_room()
    answer = gus.post(f"/api/chats/{code}/join/", json={"username": "HackerUser123", "fingerprint": "test_fp"})
    assert answer.status_code == 400
    assert answer.json["error"] == "Invalid username - not generated for this session"
    assert "chatpop_access" not in answer.headers.get("Set-Cookie", "")


def test_a_name_that_somebody_else_rolled_is_refused(hana: Person, gus: Person, oto: Person) -> None:
    code = hana.open_room()
    name = gus.roll(code)
    assert oto.join(code, name).status_code == 400
    assert gus.join(code, name).status_code == 201


@both_databases
def test_two_sessions_made_to_hold_one_name_give_one_owner(app: Flask, hana: Person, gus: Person) -> None:
    code = hana.open_room()
    name = gus.roll(code)
    cookie = gus.client.get_cookie("chatpop_visitor")
    assert cookie
    twin = Person(app)
    twin.client.set_cookie("chatpop_visitor", cookie.value)
    before, start = row_counts(app), Barrier(2)

    def join(someone: Person) -> int:
        start.wait()
        return someone.join(code, name).status_code

    with ThreadPoolExecutor(2) as pool:
        statuses = sorted(pool.map(join, [gus, twin]))
    assert statuses == [201, 409]
    assert len(holder_of(app, name)) == 1
    after = row_counts(app)
    assert after["users"] == before["users"] + 1
    assert after["participations"] == before["participations"] + 1


@both_databases
def test_two_visitors_whose_trays_hold_one_name_give_one_owner(app: Flask, hana: Person) -> None:
    """Not possible by rolling; made by hand, so that only the unique index can judge."""
    code = hana.open_room()
    people = [Person(app), Person(app)]
    names = [someone.roll(code) for someone in people]
    with app.app_context():
        client = redis_store.client
        for key in client.keys("username:generated:visitor:*"):  # type: ignore[union-attr]
            client.zadd(key, {names[0]: 9e9})
        client.delete(f"username:held:{canonical_key(names[0])}")
    start = Barrier(2)

    def join(someone: Person) -> tuple[int, str | None]:
        start.wait()
        answer = someone.join(code, names[0])
        return answer.status_code, answer.json.get("error")

    with ThreadPoolExecutor(2) as pool:
        results = sorted(pool.map(join, people), key=lambda result: result[0])
    assert [status for status, _ in results] == [201, 409]
    assert results[1][1] == "Username no longer available"
    assert len(holder_of(app, names[0])) == 1


def test_a_guest_may_use_the_account_name_in_any_case_elsewhere(hana: Person, gus: Person) -> None:
    first, second = hana.open_room(), hana.open_room("Coffee")
    name = gus.roll(first)
    gus.join(first, name)
    answer = gus.join(second, name.lower())
    assert (answer.status_code, answer.json["username"]) == (201, name)


def test_a_guest_may_take_a_random_name_in_another_room(app: Flask, hana: Person, gus: Person) -> None:
    first, second = hana.open_room(), hana.open_room("Coffee")
    gus.join(first)
    other = gus.roll(second)
    assert gus.join(second, other).status_code == 201
    assert holder_of(app, other)[0].kind == "room"


def test_a_spent_visitor_id_claims_nothing_more(app: Flask, hana: Person, gus: Person) -> None:
    code = hana.open_room()
    first, second = gus.roll(code), gus.roll(code)
    cookie = gus.client.get_cookie("chatpop_visitor")
    assert cookie
    gus.join(code, first)
    thief = Person(app)
    thief.client.set_cookie("chatpop_visitor", cookie.value)
    assert thief.join(code, first).status_code == 409
    assert thief.join(code, second).status_code == 409


def test_the_rest_of_the_tray_is_the_new_guests(hana: Person, gus: Person) -> None:
    first, second = hana.open_room(), hana.open_room("Coffee")
    taken, kept = gus.roll(first), gus.roll(first)
    gus.join(first, taken)
    assert gus.join(second, kept).status_code == 201


@both_databases
def test_six_joins_posted_from_one_page_give_one_guest(app: Flask, hana: Person, gus: Person) -> None:
    code = hana.open_room()
    name = gus.roll(code)
    token = gus.token(f"/rooms/{code}/join")
    cookie = gus.client.get_cookie("chatpop_visitor")
    assert cookie
    before = row_counts(app)["users"]

    def post(_: int) -> int:
        tab = Person(app)
        tab.client.set_cookie("chatpop_visitor", cookie.value)
        sent = {"username": name, "csrf_token": token}
        return tab.post(f"/rooms/{code}/participation", data=sent).status_code

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(post, range(6))) == [303] * 6
    assert row_counts(app)["users"] == before + 1


def test_the_page_shows_the_tray_and_joins_without_scripts(hana: Person, gus: Person) -> None:
    code = hana.open_room()
    rolled = gus.post(f"/rooms/{code}/dice-rolls", data={"csrf_token": gus.token(f"/rooms/{code}")})
    assert (rolled.status_code, rolled.headers["Location"].split("?")[0]) == (303, f"/rooms/{code}/join")
    page = gus.get(rolled.headers["Location"])
    assert "9 rolls remaining" in page.text
    assert 'name="username"' in page.text
    name = page.text.split('name="username" value="')[1].split('"')[0]
    joined = gus.post(
        f"/rooms/{code}/participation", data={"username": name, "csrf_token": gus.token(f"/rooms/{code}")}
    )
    assert (joined.status_code, joined.headers["Location"]) == (303, f"/rooms/{code}")
    assert name in gus.get(f"/rooms/{code}").text


def test_leaving_frees_the_place_and_keeps_the_name(app: Flask, hana: Person, gus: Person) -> None:
    code = hana.open_room()
    name = gus.roll(code)
    gus.join(code, name)
    assert gus.post(f"/rooms/{code}/departure").status_code == 303
    with app.app_context():
        places = select(func.count(Participation.id)).where(Participation.name == name)
        assert db.session.scalar(places) == 0
    assert holder_of(app, name)
    other = gus.roll(code)
    assert gus.join(code, other).status_code == 201, "leaving and joining again may take another name"


def test_without_redis_nothing_is_granted_and_nothing_breaks(app: Flask, hana: Person, gus: Person, valkey) -> None:  # type: ignore[no-untyped-def]
    code = hana.open_room()
    name = gus.roll(code)
    before = row_counts(app)
    valkey.stop()
    try:
        assert gus.join(code, name).status_code == 503
        refused = gus.post(f"/api/chats/{code}/suggest-username/", json={})
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
        assert gus.get(f"/rooms/{code}").status_code == 200, "reading goes on"
        assert gus.get("/").status_code == 200
        partial = gus.post(f"/rooms/{code}/dice-rolls", htmx=True)
        assert partial.status_code == 503
        assert "doorstep" in partial.text
        assert hana.say(code, "still here").status_code == 201, "talking goes on"
    finally:
        valkey.start()
    assert row_counts(app) == before | {"messages": before["messages"] + 1}
