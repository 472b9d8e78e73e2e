"""Registering: the form, what it refuses, and one account a name and an address whatever races."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select

from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.names.key import canonical_key
from chatpop.names.models import Name
from tests.accounts.acts import PASSWORD, count_users, log_in, make_member, register, user_called
from tests.conftest import both_databases
from tests.support.people import Person


@both_databases
def test_a_visitor_registers_and_logs_in(app: Flask, oto: Person) -> None:
    page = oto.get("/register")
    assert "<h1>Register</h1>" in page.text
    assert 'value=""' in page.text.split('name="username"')[1].split(">")[0], "an empty form"
    answer = register(oto)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert "Registration successful! Please log in." in oto.get("/login").text
    assert "chip-visitor" in oto.get("/").text, "registering is not logging in"
    assert log_in(oto).headers["Location"] == "/"
    assert oto.name == "Mia-Rivers"
    user = user_called(app, "Mia-Rivers")
    assert (user.is_registered, user.email, user.registration_ip) == (True, "mia@example.com", "127.0.0.1")
    assert user.registered_at is not None
    assert (user.fingerprint_hash, user.fingerprint_data) == (None, None)
    assert (user.password_hash or "").startswith("$argon2id$")


def test_a_member_is_sent_home_and_may_not_register_again(mia: Person) -> None:
    assert mia.get("/register").headers["Location"] == "/"
    assert register(mia, "Second-Mia", "second@example.com").status_code == 403
    assert mia.post("/register/dice-rolls").status_code == 403


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"confirm_password": "another-otter-kettle"}, "Passwords do not match"),
        ({"password": "k7#pQ2x", "confirm_password": "k7#pQ2x"}, "Password must be at least 8 characters long"),
        ({"email": "not an address"}, "Enter a valid email address"),
        ({"email": "mia@nodot"}, "Enter a valid email address"),
        ({"email": ""}, "Enter a valid email address"),
        ({"username": ""}, "Username is required"),
        ({"username": "ab"}, "too short"),
        ({"username": "a" * 65}, "too long"),
        ({"username": "12345"}, "at least one letter"),
        ({"username": "Admin"}, "kept for the site itself"),
        ({"username": "mıa"}, "letters A to Z"),
        ({"username": "mia@elsewhere.example"}, "When using an email as username, the email field must match"),
        ({"username": "mia\x00mia"}, "letters A to Z"),
        ({"email": "mia\x00@example.com"}, "Enter a valid email address"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(app: Flask, oto: Person, changed: dict[str, str], sentence: str) -> None:
    for htmx in (False, True):
        answer = register(oto, data=changed, htmx=htmx)
        assert answer.status_code == 422
        assert sentence in answer.text
        assert ("<html" in answer.text) is not htmx
        assert "field-error" in answer.text
        assert PASSWORD not in answer.text
    assert count_users(app) == 0


def test_what_was_typed_is_still_there(oto: Person) -> None:
    answer = register(oto, data={"confirm_password": "different-one-here"})
    assert 'value="Mia-Rivers"' in answer.text
    assert 'value="mia@example.com"' in answer.text


def test_a_success_by_htmx_leads_to_the_login_page(oto: Person) -> None:
    answer = register(oto, htmx=True)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/login")


@both_databases
@pytest.mark.parametrize("twin", ["mia-rivers", "MIARIVERS", "M1A_R1VERS"])
def test_a_name_like_a_taken_one_is_taken(app: Flask, mia: Person, oto: Person, twin: str) -> None:
    answer = register(oto, twin, "oto@example.com")
    assert answer.status_code == 422
    assert "Username is already taken" in answer.text
    assert "Still free" in answer.text, "and there is something to take instead"


@both_databases
@pytest.mark.parametrize("address", ["mia@example.com", "MIA@Example.COM"])
def test_a_known_address_is_told_in_any_case(app: Flask, mia: Person, oto: Person, address: str) -> None:
    answer = register(oto, "Another-Name", address)
    assert answer.status_code == 422
    assert "Email address already exists" in answer.text


def test_a_name_that_somebody_else_holds_is_taken(hana: Person, oto: Person) -> None:
    name = hana.roll()
    assert "Username is already taken" in register(oto, name, "oto@example.com").text
    assert register(hana, name, "hana@example.com").status_code == 303


@both_databases
def test_an_email_as_username_is_a_log_in_name_only(app: Flask, oto: Person, hana: Person) -> None:
    assert register(oto, "Oto@Example.com", "oto@example.com").status_code == 303
    assert log_in(oto, "OTO@example.com").status_code == 303
    name = oto.name
    assert name
    assert "@" not in name
    with app.app_context():
        assert [row.display for row in db.session.scalars(select(Name))] == [name]
    code = oto.open_room("Tea")
    oto.say(code, "hello")
    for path in ("/", f"/rooms/{code}", f"/rooms/{code}/people", f"/rooms/{code}/messages"):
        assert "oto@example.com" not in hana.get(path).text.lower()


@both_databases
def test_10_parallel_registrations_of_one_name_give_one_account(app: Flask, person: Callable[[], Person]) -> None:
    people, barrier = [person() for _ in range(10)], Barrier(10)

    def race(number: int) -> tuple[int, str]:
        barrier.wait()
        name = "RaceName" if number % 2 else "racename"
        answer = register(people[number], name, f"racer{number}@example.com")
        return answer.status_code, answer.text

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(race, range(10)))
    assert sorted(status for status, _ in answers) == [303] + [422] * 9
    assert all("Username is already taken" in text for status, text in answers if status == 422)
    with app.app_context():
        assert db.session.scalar(select(func.count(Name.id)).where(Name.key == canonical_key("racename"))) == 1
    assert count_users(app) == 1


@both_databases
def test_parallel_registrations_of_one_address_give_one_account(app: Flask, person: Callable[[], Person]) -> None:
    people, barrier = [person() for _ in range(6)], Barrier(6)

    def race(number: int) -> tuple[int, str]:
        barrier.wait()
        address = "one@example.com" if number % 2 else "One@Example.COM"
        answer = register(people[number], f"Racer-Number-{'abcdef'[number]}", address)
        return answer.status_code, answer.text

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(race, range(6)))
    assert sorted(status for status, _ in answers) == [303] + [422] * 5
    assert all("Email address already exists" in text for status, text in answers if status == 422)
    with app.app_context():
        assert db.session.scalar(select(func.count(Name.id))) == 1, "and the losers' names are free again"


@both_databases
def test_registration_and_join_of_one_name_in_parallel_have_one_winner(app: Flask, hana: Person, gus: Person) -> None:
    code = hana.open_room()
    for number in range(3):
        one = Person(app)
        name = one.roll(code)
        other = Person(app)
        cookie = one.client.get_cookie("chatpop_visitor")
        assert cookie
        other.client.set_cookie("chatpop_visitor", cookie.value)
        barrier = Barrier(2)

        def join(one: Person = one, name: str = name, barrier: Barrier = barrier) -> tuple[int, str]:
            barrier.wait()
            answer = one.join(code, name)
            return answer.status_code, answer.text

        def sign_up(
            other: Person = other, name: str = name, barrier: Barrier = barrier, number: int = number
        ) -> tuple[int, str]:
            barrier.wait()
            answer = register(other, name, f"one{number}@example.com")
            return answer.status_code, answer.text

        with ThreadPoolExecutor(2) as pool:
            joined, registered = pool.submit(join), pool.submit(sign_up)
        (join_status, join_text), (register_status, register_text) = joined.result(), registered.result()
        if join_status == 201:
            assert register_status == 422
            assert "Username is already taken" in register_text
        else:
            assert register_status == 303
            assert join_status in (400, 409), join_text
        with app.app_context():
            assert len(list(db.session.scalars(select(Name).where(Name.key == canonical_key(name))))) == 1


def test_registrations_are_limited_for_a_network(make_app: Callable[..., Flask]) -> None:
    app = make_app(MAX_REGISTRATIONS_PER_NETWORK="2")
    for number in "ab":
        assert register(Person(app), f"Someone-{number}{number}", f"{number}@example.com").status_code == 303
    answer = register(Person(app), "Someone-cc", "c@example.com")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "Too many registrations" in answer.text
    assert register(Person(app, "192.0.2.7"), "Someone-cc", "c@example.com").status_code == 303
    assert count_users(app) == 3


def test_what_is_told_of_known_addresses_is_limited(make_app: Callable[..., Flask]) -> None:
    app = make_app(MAX_REGISTRATIONS_PER_NETWORK="2")
    make_member(Person(app, "192.0.2.7"))
    oto = Person(app)
    assert [register(oto, "Some-Name", "mia@example.com").status_code for _ in range(3)] == [422, 422, 429]
    assert "already exists" not in register(oto, "Some-Name", "mia@example.com").text


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Sec-Fetch-Site": "cross-site"}, 403), ({"Sec-Fetch-Site": None, "Origin": "https://evil.example"}, 403)],
)
def test_another_site_can_register_nobody(app: Flask, oto: Person, headers: dict[str, str], status: int) -> None:
    assert register(oto, headers=headers).status_code == status
    assert register(oto, data={"csrf_token": "wrong"}).status_code == 400
    assert count_users(app) == 0


def test_fields_that_are_not_asked_for_have_no_effect(app: Flask, oto: Person) -> None:
    register(oto, data={"is_admin": "1", "epoch": "7", "id": "99", "is_disabled": "1"})
    user = user_called(app, "Mia-Rivers")
    assert (user.is_admin, user.epoch, user.is_disabled) == (False, 0, False)
    assert user.id != 99


def test_while_redis_is_away_nothing_is_granted(make_app: Callable[..., Flask]) -> None:
    app = make_app(REDIS_URL="redis://127.0.0.1:1/0")
    oto = Person(app)
    assert oto.get("/register").status_code == 200
    answer = register(oto)
    assert answer.status_code == 503
    assert "Retry-After" in answer.headers
    with app.app_context():
        assert db.session.scalar(select(func.count(User.id))) == 0
