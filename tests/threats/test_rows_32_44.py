"""Threats to names: rows 32 to 44, where no other file holds them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from freezegun import freeze_time
from redis import Redis
from sqlalchemy import select, update

from chatpop.core import clock, redis_keys
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.lifecycle.abandoning import abandon
from chatpop.names import holds, registry
from chatpop.names.models import NameKind
from chatpop.rooms.models import Message
from tests.accounts.acts import log_in, make_member, register
from tests.api.program import Program
from tests.support.people import Person
from tests.threats.walking import get_paths

BADGE = "message-verified"


@pytest.mark.parametrize(
    ("name", "status"), [("CalmHostesz", 400), ("CalmHoste", 400), ("KalmHostes", 400), ("CalmHost", 201)]
)
@pytest.mark.parametrize("who", ["guest", "visitor"])
def test_row_34_a_name_one_letter_from_the_hosts_is_refused(
    app: Flask, redis: Redis, name: str, status: int, who: str
) -> None:
    """What looks alike is one key already; one letter more, less or other is refused beside it."""
    host, gus = make_member(Person(app), "CalmHostes", "host@example.com"), Person(app)
    code = host.open_room()
    if who == "guest":
        gus.open_room("Elsewhere")
    _hold(redis, gus.roll(code), name)
    answer = gus.join(code, name)
    assert answer.status_code == status, answer.text
    assert status == 201 or answer.json["code"] == "looks_like_staff"


def _hold(redis: Redis, rolled: str, name: str) -> None:
    """Let the roller of ``rolled`` hold this name instead, as if the dice had thrown it."""
    (tray,) = [key for key in redis.keys("username:generated:*") if redis.zscore(key, rolled)]  # type: ignore[union-attr]
    redis.zadd(tray, {name: 9e9})


@pytest.mark.parametrize("name", ["AdminPanda", "adm1n", "Adm-in7", "panda_support", "Moderator1", "H0st", "everyone"])
def test_row_34_names_of_staff_are_refused_and_words_that_only_contain_one_pass(oto: Person, name: str) -> None:
    assert "kept for the site" in register(oto, name, "oto@example.com").text
    assert oto.get("/api/accounts/check-username/?username=BadmintonFan").status_code == 200


def test_row_34_the_mark_of_a_member_is_drawn_by_the_server_alone(app: Flask, mia: Person, gus: Person) -> None:
    """Neither what a guest writes, nor a guest's or a member's random name carries it."""
    code = mia.open_room()
    mark = f'<span class="{BADGE}" title="Member, under their own name">✔</span> (member)'
    gus.join(code)
    gus.say(code, mark)
    guests = gus.get(f"/rooms/{code}/messages").text
    assert f'class="{BADGE}"' not in guests
    mia.say(code, "hello")
    other = Person(app)
    hidden = make_member(other, "Ada-Rivers", "ada@example.com")
    hidden.join(code)
    hidden.say(code, "under another name")
    page = gus.get(f"/rooms/{code}/messages").text
    assert page.count(f'class="{BADGE}"') == 1
    assert "Ada-Rivers" not in page


def test_row_37_a_network_fills_no_more_of_the_space_than_its_rolls_of_an_hour(
    make_app: Callable[..., Flask], redis: Redis
) -> None:
    """Forty visitors behind one address roll ten times each; 120 names are held, and none an hour later."""
    app = make_app()
    code = Person(app, "198.51.100.1").open_room()
    held = redis_keys.held("*")
    before = set(redis.keys(held))  # type: ignore[arg-type]
    rolled = []
    for number in range(130):
        if number % 10 == 0:
            visitor = Person(app, "203.0.113.9")
        answer = visitor.post(f"/api/chats/{code}/suggest-username/", json={})
        rolled += [answer.json["username"]] if answer.status_code == 200 else []
    keys = set(redis.keys(held)) - before  # type: ignore[arg-type]
    assert len(rolled) == len(keys) == 120
    assert all(0 < int(redis.ttl(key)) <= 3600 for key in keys), "Redis forgets them by itself"  # type: ignore[arg-type]
    with freeze_time(clock.now() + timedelta(minutes=61), tick=True), app.app_context():
        assert holds.holders(rolled) == [None] * 120


def test_row_39_the_new_holder_of_a_name_inherits_nothing_but_the_name(make_app: Callable[..., Flask]) -> None:
    """Where spoken names rest: the old messages are somebody else's, by tag, by right and by token."""
    app = make_app(NAME_RETIRE_SPOKEN="false", NAME_REST_DAYS="180")
    host, old, new = Person(app, "198.51.100.1"), Person(app), Person(app)
    code = host.open_room()
    name = old.join(code).json["username"]
    seq = old.say(code, "mine").json["seq"]
    with app.app_context():
        user_id = db.session.scalars(select(User.id).where(User.username == name)).one()
    with freeze_time(clock.now() + timedelta(days=91), tick=True), app.app_context():
        assert abandon(user_id)
    new.open_room("Elsewhere")
    with app.app_context():
        new_id = db.session.scalars(select(User.id).order_by(User.id.desc())).first()

    def take(days: int) -> bool:
        with freeze_time(clock.now() + timedelta(days=91 + days), tick=True), app.app_context():
            try:
                with transaction() as session:
                    registry.claim(session, name, user_id=new_id or 0, kind=NameKind.ROOM, rollers=[])
            except registry.NameTaken:
                return False
            return True

    assert [take(179), take(181)] == [False, True]
    assert new.join(code, name).status_code == 201
    theirs = new.say(code, "not the same person").json["seq"]
    assert new.post(f"/rooms/{code}/messages/{seq}/deletion").status_code == 403
    with app.app_context():
        authors = dict(db.session.execute(select(Message.seq, Message.author_id)).all())
    assert (authors[seq], authors[theirs]) == (user_id, new_id)
    tags = [part.split('"')[0] for part in host.get(f"/rooms/{code}/messages").text.split('data-author="')[1:]]
    assert len(tags) == len(set(tags)) == 2
    assert old.name is None, "the old tokens lead nowhere"


def test_row_44_an_address_used_as_log_in_name_stands_in_nobody_elses_answer(app: Flask, hana: Person) -> None:
    """Pages, fragments, the stream, JSON and the API, of other guests, members and visitors."""
    secret = "oto.hidden@example.com"
    oto = Person(app)
    assert register(oto, secret, secret).status_code == 303
    assert log_in(oto, secret).status_code == 303
    code = oto.open_room()
    oto.say(code, "hello")
    mia = make_member(Person(app))
    hana.join(code)
    hana.say(code, "who is it?")
    bot = Program(app).log_in()
    assert bot.post(f"rooms/{code}/participation", {"username": "Mia-Rivers"}).status_code in (200, 201)
    tag = hana.get(f"/rooms/{code}/messages").text.split('data-author="')[1].split('"')[0]
    paths = [path for path in get_paths(app, code=code, tag=tag, seq="1") if code in path or path == "/"]
    texts = [someone.get(path).text for path in paths for someone in (hana, Person(app))]
    texts += [mia.get(path).text for path in paths]
    texts += [bot.get(path).text for path in paths if path.startswith("/api/")]
    stream = hana.get(f"/rooms/{code}/stream?after=0")
    texts.append(next(iter(stream.iter_encoded())).decode())
    stream.close()
    assert any("hello" in text for text in texts)
    assert not [text for text in texts if "oto.hidden" in text.lower()]
    with app.app_context(), transaction() as session:
        session.execute(update(User).where(User.email == secret).values(is_disabled=True))
    assert "oto.hidden" not in hana.get(f"/rooms/{code}/people").text
