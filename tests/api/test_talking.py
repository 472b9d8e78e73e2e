"""A member's program in rooms: listing, opening, joining, talking."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.rooms.models import Room
from chatpop.settings import registry
from tests.accounts.acts import make_member, user_called
from tests.api.program import Program
from tests.conftest import both_databases
from tests.support.people import Person


@both_databases
def test_a_bot_joins_reads_and_writes(app: Flask, bot: Program, hana: Person) -> None:
    code = hana.open_room("Tea")
    hana.say(code, "hello & <b>")
    joined = bot.post(f"rooms/{code}/participation", {"username": "mia-rivers"})
    assert (joined.status_code, joined.json) == (
        201,
        {"username": "Mia-Rivers", "room": code, "is_returning": False},
    )
    assert bot.post(f"rooms/{code}/participation", {"username": "Mia-Rivers"}).status_code == 200
    posted = bot.post(f"rooms/{code}/messages", {"body": " beep ", "client_id": "b1"})
    assert posted.status_code == 201
    assert posted.json["body"] == "beep"
    assert (posted.json["is_verified"], posted.json["is_mine"]) == (True, True)
    again = bot.post(f"rooms/{code}/messages", {"body": "beep", "client_id": "b1"})
    assert (again.status_code, again.json["seq"]) == (200, posted.json["seq"])
    read = bot.get(f"rooms/{code}/messages").json
    assert [(message["body"], message["client_id"]) for message in read["messages"]] == [
        ("hello & <b>", None),
        ("beep", "b1"),
    ]
    assert "beep" in hana.get(f"/rooms/{code}").text
    assert bot.delete(f"rooms/{code}/participation").status_code == 204
    assert bot.delete(f"rooms/{code}/participation").status_code == 204
    assert bot.post(f"rooms/{code}/messages", {"body": "gone"}).json["code"] == "not_in_room"


@both_databases
def test_messages_come_in_pages(app: Flask, bot: Program, hana: Person) -> None:
    code = bot.post("rooms", {"name": "Long"}).json["code"]
    for number in range(55):
        assert bot.post(f"rooms/{code}/messages", {"body": str(number)}).status_code == 201
    newest = bot.get(f"rooms/{code}/messages").json
    assert [message["body"] for message in newest["messages"]] == [str(number) for number in range(5, 55)]
    oldest = bot.get(f"rooms/{code}/messages?before={newest['older']}").json
    assert ([message["seq"] for message in oldest["messages"]], oldest["older"]) == ([1, 2, 3, 4, 5], None)
    after = bot.get(f"rooms/{code}/messages?after=53").json
    assert [message["seq"] for message in after["messages"]] == [54, 55]
    assert bot.get(f"rooms/{code}/messages?after=x").status_code == 400


@both_databases
def test_a_message_can_be_taken_back_by_its_author_alone(app: Flask, bot: Program, hana: Person) -> None:
    code = bot.post("rooms", {"name": "Tea"}).json["code"]
    seq = bot.post(f"rooms/{code}/messages", {"body": "secret"}).json["seq"]
    make_member(Person(app), "Olive-Tree", "olive@example.com")
    other = Program(app).log_in("Olive-Tree")
    assert other.delete(f"rooms/{code}/messages/{seq}").json["code"] == "not_in_room"
    other.post(f"rooms/{code}/participation", {"username": "Olive-Tree"})
    assert other.delete(f"rooms/{code}/messages/{seq}").json["code"] == "not_yours"
    assert bot.delete(f"rooms/{code}/messages/999").status_code == 404
    assert bot.delete(f"rooms/{code}/messages/{'9' * 40}").status_code == 400
    gone = bot.delete(f"rooms/{code}/messages/{seq}")
    assert (gone.status_code, gone.json["body"], gone.json["is_deleted"]) == (200, "", True)


def test_rooms_are_public_ones_and_own_ones_a_page_at_a_time(app: Flask, bot: Program, hana: Person) -> None:
    hidden = hana.open_room("Hidden", "private")
    opened = [hana.open_room("Public")]
    own = bot.post("rooms", {"name": "Own", "visibility": "private"})
    assert own.status_code == 201
    user = user_called(app, "Mia-Rivers")
    with app.app_context():
        host = db.session.scalars(select(User).where(User.id != user.id)).one()
        now = user.created_at
        for number in range(60):
            code = f"AC{number // 10 + 3:X}{'3467'[number % 4]}{'ACDEFGHJKM'[number % 10]}Y"
            db.session.add(
                Room(code=code, name="x", topic="", visibility="public", invite=code, host_id=host.id, last_seq=0,
                     created_at=now, active_at=now)
            )  # fmt: skip
            db.session.commit()
            opened.append(code)
    seen, answer = [], bot.get("rooms").json
    while True:
        assert len(answer["rooms"]) <= 50
        seen += [room["code"] for room in answer["rooms"]]
        if answer["next"] is None:
            break
        answer = bot.get(f"rooms?after={answer['next']}").json
    assert len(seen) == len(set(seen)) == 62
    assert set(seen) == {*opened, own.json["code"]}
    assert hidden not in seen
    assert bot.get(f"rooms?after={hidden}").status_code == 404


def test_a_private_room_is_404_until_its_invite_is_shown(app: Flask, bot: Program, hana: Person) -> None:
    code = hana.open_room("Hidden", "private")
    link = hana.get(f"/rooms/{code}").text.split("?invite=")[1].split('"')[0]
    for path in (f"rooms/{code}", f"rooms/{code}/messages"):
        assert bot.get(path).status_code == 404
    sent = {"username": "Mia-Rivers"}
    assert bot.post(f"rooms/{code}/participation", sent).status_code == 404
    assert bot.post(f"rooms/{code}/participation", {**sent, "invite": "wrong"}).status_code == 404
    assert bot.post(f"rooms/{code}/messages", {"body": "x"}).status_code == 404
    assert bot.post(f"rooms/{code}/participation", {**sent, "invite": link}).status_code == 201
    shown = bot.get(f"rooms/{code}").json
    assert (shown["visibility"], shown["username"], shown["is_host"]) == ("private", "Mia-Rivers", False)
    assert shown["url"].endswith(f"/rooms/{code}?invite={link}")


def test_an_invite_cookie_opens_nothing_here(app: Flask, bot: Program, hana: Person, oto: Person) -> None:
    code = hana.open_room("Hidden", "private")
    link = hana.get(f"/rooms/{code}").text.split("?invite=")[1].split('"')[0]
    oto.get(f"/rooms/{code}?invite={link}")
    assert oto.get(f"/rooms/{code}").status_code == 200
    answer = oto.get(f"/api/v1/rooms/{code}", headers={"Authorization": f"Bearer {bot.access}"})
    assert answer.status_code == 404


def test_a_name_that_is_not_ones_own_is_refused(app: Flask, bot: Program, hana: Person) -> None:
    code = hana.open_room()
    for name in (hana.name or "", "Free-Name", "Ünïcode"):
        answer = bot.post(f"rooms/{code}/participation", {"username": name})
        assert (answer.status_code, answer.json["code"]) == (400, "not_rolled")


def test_limits_are_told_in_headers(app: Flask, bot: Program) -> None:
    code = bot.post("rooms", {"name": "Tea"}).json["code"]
    amount = registry.MAX_MESSAGES_PER_MINUTE_MEMBER.default
    first = bot.post(f"rooms/{code}/messages", {"body": "x"})
    assert (first.headers["RateLimit-Limit"], first.headers["RateLimit-Remaining"]) == (str(amount), str(amount - 1))
    for _ in range(amount - 1):
        bot.post(f"rooms/{code}/messages", {"body": "x"})
    answer = bot.post(f"rooms/{code}/messages", {"body": "x"})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert answer.headers["RateLimit-Remaining"] == "0"
    assert (answer.json["code"], answer.json["limit"]) == ("too_fast", amount)
    assert "RateLimit-Limit" not in bot.get("rooms").headers
