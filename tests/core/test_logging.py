"""Logs: lines of JSON tied together by a request id, and nothing in them that opens a door (row 71)."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from chatpop.web.request_log import shortened
from tests.accounts.acts import PASSWORD, log_in, make_member
from tests.support.people import Person

ADDRESS = "198.51.100.23"


def lines(capfd: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Everything that was written to standard error since the last look; each line has to be JSON."""
    return [json.loads(line) for line in capfd.readouterr().err.splitlines()]


def requests(capfd: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [line for line in lines(capfd) if line["event"] == "request"]


def test_a_request_is_one_line_with_what_it_was_and_how_it_went(
    make_app: Callable[..., Flask], capfd: pytest.CaptureFixture[str]
) -> None:
    hana = Person(make_app(), ADDRESS)
    code = hana.open_room()
    capfd.readouterr()
    answer = hana.say(code, "hello")
    [line] = requests(capfd)
    assert line["endpoint"].startswith("messages.")
    assert (line["method"], line["status"], line["tier"]) == ("POST", answer.status_code, "guest")
    assert (line["network"], line["request_id"]) == ("198.51.100.0/24", answer.headers["X-Request-ID"])
    assert line["user"] == 1
    assert 0 < line["ms"] < 5_000


def test_an_id_is_taken_over_from_a_trusted_proxy_only(make_app: Callable[..., Flask]) -> None:
    sent = {"X-Request-ID": "proxy-12345678", "X-Forwarded-For": "203.0.113.9"}
    plain = Person(make_app())
    assert plain.get("/", headers=sent).headers["X-Request-ID"] != "proxy-12345678"
    app = make_app(TRUSTED_PROXIES="1")
    assert Person(app).get("/", headers=sent).headers["X-Request-ID"] == "proxy-12345678"
    assert Person(app, ADDRESS).get("/", headers=sent).headers["X-Request-ID"] != "proxy-12345678"
    wrong = {**sent, "X-Request-ID": 'x"}{"event":"forged"'}
    assert re.fullmatch(r"[\w-]{16}", Person(app).get("/", headers=wrong).headers["X-Request-ID"])


def test_other_packages_lines_are_json_with_the_same_id(
    capfd: pytest.CaptureFixture[str], make_app: Callable[..., Flask]
) -> None:
    app = make_app()

    @app.get("/grumble")
    def grumble() -> str:
        logging.getLogger("some.package").warning("a %s\nwarning", "forged")
        return "done"

    answer = Person(app).get("/grumble")
    warning, request = lines(capfd)
    assert (warning["event"], warning["logger"], warning["level"]) == ("a forged\nwarning", "some.package", "warning")
    assert warning["request_id"] == request["request_id"] == answer.headers["X-Request-ID"]


def test_quiet_addresses_are_logged_only_when_they_fail(
    capfd: pytest.CaptureFixture[str], make_app: Callable[..., Flask]
) -> None:
    oto = Person(make_app())
    oto.get("/healthz")
    assert requests(capfd) == []
    oto.get("/static/x/y")
    assert [line["status"] for line in requests(capfd)] == [404]


@pytest.mark.parametrize(
    ("address", "network"),
    [("203.0.113.9", "203.0.113.0/24"), ("2001:db8:1:2::3", "2001:db8:1::/48"), ("nonsense", None), (None, None)],
)
def test_an_address_is_told_as_its_network(address: str | None, network: str | None) -> None:
    assert shortened(address) == network


def test_no_secret_that_was_given_out_stands_in_any_line(
    make_app: Callable[..., Flask], capfd: pytest.CaptureFixture[str]
) -> None:
    app = make_app(GUEST_RECOGNITION="device")
    hana, gus, mia = (Person(app, ADDRESS) for _ in range(3))
    secrets = {PASSWORD, "a-wrong-guess", ADDRESS}
    private = hana.open_room("Secret tea", "private")
    invite = re.search(r"invite=([\w-]+)", hana.get(f"/rooms/{private}").text)
    assert invite
    gus.get(f"/rooms/{private}?invite={invite.group(1)}")
    gus.join(private)
    gus.say(private, "a body that nobody logs")
    secrets |= {invite.group(1), *resume(gus, Person(app, ADDRESS))}
    make_member(mia)
    log_in(mia, "Mia-Rivers", "a-wrong-guess")
    tokens = mia.post("/api/v1/login", data={"username": "Mia-Rivers", "password": PASSWORD, "grant_type": "password"})
    secrets |= {tokens.json["access_token"], tokens.json["refresh_token"]}
    mia.get("/api/v1/users/me/", headers={"Authorization": f"Bearer {tokens.json['access_token']}"})
    mia.post("/api/v1/refresh", json={"refresh_token": tokens.json["refresh_token"]})
    mia.get("/nowhere/secret-in-a-path?token=secret-in-a-query")
    mia.post("/logout")
    with pytest.raises(ZeroDivisionError):
        _broken(app).get("/broken?token=secret-in-a-query")
    secrets |= {cookie.value for someone in (hana, gus, mia) for cookie in someone.client._cookies.values()}  # type: ignore[union-attr]
    secrets |= {"secret-in-a-path", "secret-in-a-query", "a body that nobody logs", "mia@example.com"}
    captured = capfd.readouterr()
    assert captured.err.count('"event": "request"') > 15
    assert len(secrets) > 14
    for secret in secrets:
        assert len(secret) < 6 or secret not in captured.err + captured.out, secret


def resume(guest: Person, elsewhere: Person) -> set[str]:
    """Come back by a resume code in another browser, after a wrong one; returns both codes."""
    page = guest.get(guest.post("/resume-codes").headers["Location"]).text
    found = re.search(r'value="[^"]+/resume#([^"]+)"', page)
    assert found
    wrong = "WRNG" + found.group(1)[4:]
    elsewhere.post("/resume", data={"code": wrong})
    elsewhere.post("/resume", data={"code": found.group(1)})
    assert elsewhere.name is not None
    return {wrong, found.group(1)}


def _broken(app: Flask) -> Person:
    app._got_first_request = False

    @app.get("/broken")
    def broken() -> str:
        return str(1 / 0)

    return Person(app)
