"""Threats to recognition, sessions and log-in: rows 1 to 31, where no other file holds them."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from flask import Flask, Response
from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory, TickingDateTimeFactory
from sqlalchemy import event, select
from zxcvbn.frequency_lists import FREQUENCY_LISTS  # type: ignore[import-untyped]

from chatpop.accounts import passwords, throttle
from chatpop.accounts.passwords import WeakPassword, hasher
from chatpop.accounts.throttle import FREE_FAILURES, TooManyFailures
from chatpop.core import clock
from chatpop.extensions import db
from chatpop.identity.models import Device, RefreshToken, ResumeCode, User
from tests.accounts.acts import log_in, make_member, register
from tests.api.program import Program
from tests.identity.test_resume_codes import code_of
from tests.support.people import Person
from tests.support.rows import row_counts
from tests.threats.walking import get_paths
from tests.uploads.sending import keep

WRONG = "wrong-otter-kettle"


def twin_of(someone: Person, *kinds: str) -> Person:
    """Another browser with these cookies of somebody."""
    twin = Person(someone.app, someone.address)
    for kind in kinds:
        value = someone.cookie(kind)
        assert value, kind
        twin.client.set_cookie(f"chatpop_{kind}", value)
    return twin


def test_row_02_thirty_pupils_on_equal_devices_are_never_each_other(app: Flask) -> None:
    """One address, equal headers, a school day of eight hours; some wipe their browser and come anew."""
    chance = random.Random(2)
    with freeze_time(clock.now(), tick=True) as time:
        assert isinstance(time, TickingDateTimeFactory)
        code = Person(app, "198.51.100.1").open_room()
        pupils = [Person(app, "203.0.113.7") for _ in range(30)]
        names: dict[int, str] = {}
        visits = [number for number in range(30) for _ in range(2)]
        chance.shuffle(visits)
        for number in visits:
            time.tick(timedelta(hours=8) / len(visits))
            pupil = pupils[number]
            if number in names and chance.random() < 0.5:
                pupil.client = app.test_client()
                del names[number]
            assert pupil.name == names.get(number)
            if number not in names:
                joined = pupil.join(code)
                assert joined.status_code == 201, joined.text
                assert joined.json["username"] not in names.values()
                names[number] = joined.json["username"]
    assert len(set(names.values())) == 30
    assert row_counts(app)["users"] > 31, "who wiped the browser is somebody new"


def test_row_04_no_answer_of_a_whole_visit_tells_what_is_kept_of_anybody(app: Flask) -> None:
    """Every answer that five people get, pages, fragments, JSON, files and streams, is searched."""
    told: list[tuple[str, str]] = []

    def collect(response: Response) -> Response:
        if not response.is_streamed:
            headers = "".join(f"{key}: {text}\n" for key, text in response.headers if key != "Set-Cookie")
            told.append((response.headers.get("Content-Type", ""), headers + response.get_data(as_text=True)))
        return response

    app.after_request_funcs[None].insert(0, collect)  # what comes first here sees the answer last
    hana, gus, mia = Person(app, "198.51.100.7"), Person(app, "198.51.100.8"), Person(app, "198.51.100.9")
    code = hana.open_room()
    gus.join(code)
    gus.say(code, "hello")
    make_member(mia)
    mia.join(code, mia.name)
    bot = Program(app).log_in()
    resume = code_of(hana)
    _, _, public_id, name = keep(gus).split("/")
    paths = get_paths(app, code=code, public_id=public_id, upload_id=public_id, name=name)
    assert len(paths) > 60
    visitor = Person(app)
    for path in paths:
        for someone in (hana, visitor, mia) if path.startswith(("/account", "/rooms")) else (hana, visitor):
            answer = someone.get(path)
            assert answer.status_code < 500 or path == "/readyz", path
            answer.close()
        if path.startswith("/api"):
            bot.get(path).close()
    for someone in (hana, gus, mia):
        stream = someone.get(f"/rooms/{code}/stream?after=0")
        told.append(("stream", next(iter(stream.iter_encoded())).decode()))
        stream.close()
    assert any("json" in kind for kind, _ in told)
    assert any("html" in kind for kind, _ in told)
    for secret in _kept(app) | {"198.51.100.", resume.replace("-", "")}:
        assert not [text for _, text in told if secret in text], secret
    cookies = {someone.cookie(kind) for someone in (hana, gus, mia) for kind in ("access", "refresh")}
    for value in (cookies | {hana.cookie("device"), gus.cookie("device")}) - {None}:
        assert not [text for _, text in told if str(value) in text], value


def _kept(app: Flask) -> set[str]:
    columns = [
        User.fingerprint_hash,
        User.password_hash,
        Device.secret_hash,
        RefreshToken.token_hash,
        ResumeCode.code_hash,
    ]
    with app.app_context():
        found = [set(db.session.scalars(select(column).where(column.is_not(None)))) for column in columns]
    assert all(found)
    return {str(value) for values in found for value in values}


def test_row_17_an_answer_with_a_cookie_is_never_stored_whatever_the_address(app: Flask, hana: Person) -> None:
    """A device alone makes each answer carry new cookies: to pages, fragments, files, pictures and refusals."""
    code = hana.open_room()
    _, _, public_id, name = keep(hana).split("/")
    style = hana.get("/").text.split('rel="stylesheet" href="')[1].split('"')[0]
    with_cookies = []
    for path in [*get_paths(app, code=code, public_id=public_id, name=name), style]:
        answer = twin_of(hana, "device").get(path)
        stored = answer.headers["Cache-Control"]
        if "Set-Cookie" in answer.headers:
            with_cookies.append(path)
            assert stored == "no-store", path
        elif "html" in answer.content_type:
            assert "public" not in stored, path
        answer.close()
    assert len(with_cookies) > 30
    assert style not in with_cookies
    assert "public" in hana.get(style).headers["Cache-Control"]


def test_row_25_what_was_planted_before_a_log_in_opens_nothing_after_it(app: Flask, oto: Person) -> None:
    """The attacker's own guest, visitor and form token lie in the victim's browser before she logs in."""
    register(Person(app))
    oto.open_room()
    planted = {kind: oto.cookie(kind) for kind in ("access", "refresh", "device")}
    token = oto.token("/rooms/new")
    victim = twin_of(oto, *planted)
    assert victim.name == oto.name
    assert log_in(victim, data={"csrf_token": token}).status_code == 303
    assert victim.name == "Mia-Rivers"
    assert victim.cookie("access") != planted["access"]
    assert victim.cookie("refresh") != planted["refresh"]
    for kind, value in planted.items():
        attacker = Person(app)
        attacker.client.set_cookie(f"chatpop_{kind}", str(value))
        assert attacker.name != "Mia-Rivers", kind
    assert oto.name != "Mia-Rivers"
    sent = {"name": "Tea", "visibility": "public", "csrf_token": token}
    assert victim.post("/rooms", data=sent, headers={"Sec-Fetch-Site": None}).status_code == 403, "nor does the token"


def test_row_26_a_hundred_and_one_guesses_over_many_addresses_are_five(app: Flask, mia: Person) -> None:
    """Rows 26 and 27: five are looked at; meanwhile the owner comes in on a browser that she has used before."""
    mia.post("/logout")
    before = hasher.runs
    statuses = [log_in(Person(app, f"2001:db8:{n:x}::1"), password=WRONG).status_code for n in range(101)]
    assert statuses == [422] * FREE_FAILURES + [429] * (101 - FREE_FAILURES)
    assert hasher.runs - before == FREE_FAILURES
    assert log_in(Person(app, "192.0.2.77")).status_code == 429, "a stranger with the right password waits too"
    assert log_in(mia).status_code == 303
    with freeze_time(clock.now() + timedelta(minutes=16), tick=True):
        assert log_in(Person(app, "192.0.2.78")).status_code == 303, "and at last anybody with the right one"


def test_row_26_a_day_of_patient_guessing_gets_a_hundred_looks(app: Flask) -> None:
    """Whoever waits out every pause is looked at about once in a quarter of an hour."""
    looks = 0
    with freeze_time(clock.now()) as time, app.app_context():
        assert isinstance(time, FrozenDateTimeFactory)
        for _ in range(24 * 12):
            time.tick(timedelta(minutes=5))
            with suppress(TooManyFailures):
                throttle.begin("a name", [])
                looks += 1
    assert 90 <= looks <= 105


def test_row_28_known_and_unknown_names_cost_the_same_work(make_app: Callable[..., Flask]) -> None:
    app = make_app(MAX_LOGIN_FAILURES_PER_NETWORK="1000", MAX_REGISTRATIONS_PER_NETWORK="1000")
    letters = "abcdefghjk"
    for letter in letters:
        assert register(Person(app), f"Member-{letter}{letter}", f"{letter}@example.com").status_code == 303
    statements: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *found: statements.append(found[2]))
    work: dict[str, set[tuple[int, int]]] = {"Member": set(), "Nobody": set()}
    bodies = set()
    for letter in letters:
        for kind in work:
            statements.clear()
            runs = hasher.runs
            answer = log_in(Person(app), f"{kind}-{letter}{letter}", WRONG)
            writes = sum(not text.startswith(("SELECT", "BEGIN", "PRAGMA")) for text in statements)
            work[kind].add((hasher.runs - runs, writes))
            bodies.add((answer.status_code, answer.text.replace(kind, "").split('name="csrf_token"')[0]))
    assert work["Member"] == work["Nobody"]
    assert len(work["Member"]) == len(bodies) == 1
    ((hashes, writes),) = work["Member"]
    assert (hashes, writes) == (1, 1)


def test_row_31_the_commonest_passwords_are_all_refused(app: Flask) -> None:
    common = [word for word in FREQUENCY_LISTS["passwords"] if len(word) >= 8][:150]
    assert len(common) == 150
    with app.app_context():
        for word in common:
            with pytest.raises(WeakPassword):
                passwords.check(word, [])
            with pytest.raises(WeakPassword):
                passwords.check(word.capitalize() + "1", [])
