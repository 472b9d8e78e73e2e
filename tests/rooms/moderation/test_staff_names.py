"""Names at one letter's distance from those of who looks after a room (SECURITY, row 34)."""

from __future__ import annotations

import pytest
from flask import Flask

from chatpop.rooms.moderation.staff_names import is_near
from tests.accounts.acts import make_member
from tests.rooms.moderation.conftest import Scene
from tests.support.people import Person


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("panda", "panda", True),
        ("panda", "pandas", True),
        ("panda", "pnda", True),
        ("panda", "ponda", True),
        ("panda", "xpanda", True),
        ("panda", "pandass", False),
        ("panda", "pnada", False),
        ("", "a", True),
        ("ab", "ba", False),
    ],
)
def test_one_letter_is_near(one: str, other: str, near: bool) -> None:
    assert is_near(one, other) is near
    assert is_near(other, one) is near


def test_a_name_like_the_hosts_is_refused_in_their_room_and_nowhere_else(app: Flask) -> None:
    hana = make_member(Person(app), "Hana-Brook", "hana@example.com")
    twin = make_member(Person(app), "Hana-Brooks", "twin@example.com")
    code, other = hana.open_room(), Person(app).open_room()
    answer = twin.join(code, "Hana-Brooks")
    assert (answer.status_code, answer.json["code"]) == (400, "looks_like_staff")
    assert "looks too much like" in twin.post(f"/rooms/{code}/participation", data={"username": "Hana-Brooks"}).text
    assert twin.join(code).status_code == 201, "a rolled name is fine"
    assert twin.join(other, "Hana-Brooks").status_code == 201
    assert hana.join(code, "Hana-Brook").status_code == 200, "the host's own"


def test_the_account_name_of_a_verified_moderator_under_a_rolled_name_is_kept_too(scene: Scene) -> None:
    mia = make_member(Person(scene.app), "Mia-Rivers")
    scene.names[id(mia)] = mia.join(scene.code).json["username"]
    scene.hana.post(scene.person(mia, "/moderator"))
    twin = make_member(Person(scene.app), "Mia-Riverz", "twin@example.com")
    assert twin.join(scene.code, "Mia-Riverz").status_code == 400
