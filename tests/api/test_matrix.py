"""Every kind of token at every door: only the diagonal passes (threat rows 21 to 23); forged ones nowhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.api.program import Program
from tests.support.people import Person

COOKIES = ("access", "refresh", "device", "visitor")


def kinds_of_tokens(app: Flask, mia: Person, hana: Person, oto: Person) -> dict[str, str]:
    """One live token of each kind: mia's are a member's, hana's a guest's, oto's a visitor's."""
    bot = Program(app).log_in()
    room = hana.open_room("Private", "private")
    invite = hana.get(f"/rooms/{room}").text.split("?invite=")[1].split('"')[0]
    assert oto.get(f"/rooms/{room}?invite={invite}").status_code == 303
    oto.roll()
    found = {
        "pages access": mia.cookie("access"),
        "pages refresh": mia.cookie("refresh"),
        "device": hana.cookie("device"),
        "visitor": oto.cookie("visitor"),
        "api access": bot.access,
        "api refresh": bot.refresh,
        "personal": bot.post("tokens", {"name": "bot"}).json["token"],
        "form token": mia.token("/"),
        "invite cookie": oto.cookie(f"invite_{room}"),
        "invite": invite,
    }
    assert all(found.values()), found
    return {kind: value or "" for kind, value in found.items()}


def by_cookie(kind: str) -> Callable[[Flask, str], bool]:
    def knock(app: Flask, token: str) -> bool:
        someone = Person(app)
        someone.client.set_cookie(f"chatpop_{kind}", token)
        return someone.get("/account").status_code == 200

    return knock


def as_bearer(app: Flask, token: str) -> bool:
    answer = Program(app, token).get("users/me/")
    assert answer.status_code in (200, 401, 403)
    return answer.status_code == 200


def as_bearer_of_a_page(app: Flask, token: str) -> bool:
    return Person(app).get("/account", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def as_query(app: Flask, token: str) -> bool:
    return Program(app).get(f"users/me/?access_token={token}&token={token}").status_code == 200


def at_refresh(app: Flask, token: str) -> bool:
    answer = Program(app).post("refresh", {"refresh_token": token})
    assert answer.status_code in (200, 401)
    return answer.status_code == 200


def as_cookie_of_the_api(app: Flask, token: str) -> bool:
    someone = Person(app)
    for kind in COOKIES:
        someone.client.set_cookie(f"chatpop_{kind}", token)
    return someone.get("/api/v1/users/me/").status_code == 200


DOORS: dict[str, tuple[Callable[[Flask, str], bool], set[str]]] = {
    "access cookie": (by_cookie("access"), {"pages access"}),
    "refresh cookie": (by_cookie("refresh"), {"pages refresh"}),
    "device cookie": (by_cookie("device"), {"device"}),
    "visitor cookie": (by_cookie("visitor"), set()),
    "bearer of the API": (as_bearer, {"api access", "personal"}),
    "bearer of a page": (as_bearer_of_a_page, set()),
    "query of the API": (as_query, set()),
    "refresh field": (at_refresh, {"api refresh"}),
    "cookies of the API": (as_cookie_of_the_api, set()),
}


@pytest.mark.parametrize("door", DOORS)
def test_only_the_diagonal_passes(app: Flask, mia: Person, hana: Person, oto: Person, door: str) -> None:
    knock, key = DOORS[door]
    found = kinds_of_tokens(app, mia, hana, oto)
    assert {kind for kind, token in found.items() if knock(app, token)} == key
