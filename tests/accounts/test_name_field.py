"""The field for a name: the live check, and the dice of the registration form."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.accounts.acts import register
from tests.support.people import Person
from tests.support.rows import row_counts


def check(someone: Person, name: str) -> tuple[int, str]:
    answer = someone.get("/register/username", query_string={"username": name}, htmx=True)
    return answer.status_code, answer.text


def test_a_free_name_is_available(oto: Person) -> None:
    status, text = check(oto, "Some-Name")
    assert status == 200
    assert "✓ Available" in text
    assert "<html" not in text


def test_a_taken_name_has_alternatives_one_tap_away(mia: Person, oto: Person) -> None:
    status, text = check(oto, "MIARIVERS")
    assert status == 200
    assert "✗ Username is already taken" in text
    offered = [part.split('"')[0] for part in text.split('href="/register?username=')[1:]]
    assert 1 <= len(offered) <= 3
    for name in offered:
        assert "✓ Available" in check(oto, name)[1]
        assert f'value="{name}"' in oto.get(f"/register?username={name}").text


@pytest.mark.parametrize(
    ("name", "reason"),
    [("admin", "kept for the site itself"), ("12345", "at least one letter"), ("a" * 65, "too long")],
)
def test_a_refused_name_is_told_why(oto: Person, name: str, reason: str) -> None:
    status, text = check(oto, name)
    assert status == 200
    assert "✗ " in text
    assert reason in text


@pytest.mark.parametrize("name", ["", "ab", "mia@example.com", "nobody@example.com"])
def test_too_little_and_addresses_are_told_nothing_about(mia: Person, oto: Person, name: str) -> None:
    status, text = check(oto, name)
    assert status == 200
    assert "✓" not in text
    assert "✗" not in text


def test_ones_own_and_held_names_are_available(hana: Person, oto: Person) -> None:
    held = oto.roll()
    assert "✓ Available" in check(oto, held)[1]
    assert "✗ Username is already taken" in check(hana, held)[1]
    hana.open_room()
    assert "✓ Available" in check(hana, hana.name or "")[1]


def test_200_checks_write_and_hold_nothing(app: Flask, oto: Person, hana: Person) -> None:
    before = row_counts(app)
    for number in range(200):
        assert "✓" in check(oto, f"Wanted-Name-{number}")[1]
    assert row_counts(app) == before
    assert oto.cookie("visitor") is None
    for number in (0, 199):
        assert "✓ Available" in check(hana, f"Wanted-Name-{number}")[1]


def test_checks_are_limited_for_a_network(make_app: Callable[..., Flask]) -> None:
    app = make_app(MAX_CHECKS_PER_NETWORK="3")
    statuses = [check(Person(app), f"Some-Name-{letter}{letter}")[0] for letter in "abcd"]
    assert statuses == [200, 200, 200, 429]
    assert "taken" not in check(Person(app), "Some-Name")[1]
    assert check(Person(app), "ab")[0] == 200, "what is not checked is not counted"


def test_while_redis_is_away_the_check_does_not_say_taken(make_app: Callable[..., Flask]) -> None:
    status, text = check(Person(make_app(REDIS_URL="redis://127.0.0.1:1/0")), "Some-Name")
    assert status == 503
    assert "taken" not in text
    assert "✗" not in text


def rolled_name(text: str) -> str:
    return text.split('name="username"')[1].split('value="')[1].split('"')[0]


def test_the_dice_fill_the_field_and_keep_what_was_typed(app: Flask, oto: Person) -> None:
    before = row_counts(app)
    assert "Roll dice for username" in oto.get("/register").text
    page = oto.post("/register/dice-rolls", data={"username": "x", "email": "oto@example.com"})
    assert page.status_code == 200
    name = rolled_name(page.text)
    assert 'value="oto@example.com"' in page.text
    assert "9 rolls remaining" in page.text
    assert "Roll again" in page.text
    assert row_counts(app) == before
    assert register(oto, name, "oto@example.com").status_code == 303


def test_the_dice_answer_htmx_with_the_field_and_the_earlier_names(oto: Person) -> None:
    first = rolled_name(oto.post("/register/dice-rolls", htmx=True).text)
    answer = oto.post("/register/dice-rolls", htmx=True)
    assert "<html" not in answer.text
    assert answer.text.count('id="username-field"') == 1
    assert f'href="/register?username={first}"' in answer.text
    assert first != rolled_name(answer.text)


def test_at_the_limit_the_names_rolled_stay_and_the_dice_go(make_app: Callable[..., Flask]) -> None:
    oto = Person(make_app(MAX_ANONYMOUS_USERNAME_GENERATION_ATTEMPTS="2"))
    names = [rolled_name(oto.post("/register/dice-rolls", htmx=True).text) for _ in range(2)]
    for htmx in (True, False):
        refused = oto.post("/register/dice-rolls", data={"username": names[1]}, htmx=htmx)
        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) > 0
        assert "Maximum attempts exceeded. Try again in 1 hour." in refused.text
        assert "Roll again" not in refused.text
        assert names[0] in refused.text
        assert rolled_name(refused.text) == names[1]
    assert register(oto, names[0], "oto@example.com").status_code == 303


def test_another_site_rolls_for_nobody(oto: Person) -> None:
    assert oto.post("/register/dice-rolls", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert oto.post("/register/dice-rolls", data={"csrf_token": "wrong"}).status_code == 400
    assert oto.cookie("visitor") is None
