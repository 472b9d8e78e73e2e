"""The command line: results alone on standard output."""

from __future__ import annotations

import io
import json

import pytest
from flask import Flask
from sqlalchemy import select

from chatpop import cli
from chatpop.extensions import db
from chatpop.identity.models import User
from tests.support.people import Person


@pytest.fixture
def run(app: Flask, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    """Run a command on the test's site; returns exit code, standard output and standard error."""
    monkeypatch.setattr(cli, "create_app", lambda: app)

    def run(*arguments: str) -> tuple[int, str, str]:
        code = cli.main(arguments)
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_stats_count_rows_by_tier_and_state(run, hana: Person, gus: Person) -> None:  # type: ignore[no-untyped-def]
    code = hana.open_room()
    gus.join(code)
    hana.say(code, "hi")
    status, out, _ = run("stats", "--json")
    counts = json.loads(out)
    assert status == 0
    assert counts["users"]["guest"] == {"active": 2, "abandoned": 0, "disabled": 0}
    assert (counts["names"], counts["rooms"], counts["messages"]) == (2, 1, 1)
    assert "guests: 2 active" in run("stats")[1]


def test_settings_are_listed_read_and_set(run) -> None:  # type: ignore[no-untyped-def]
    assert run("settings", "get", "MAX_ROOMS_GUEST") == (0, "2\n", "")
    assert run("settings", "set", "MAX_ROOMS_GUEST", "4") == (0, "4\n", "")
    assert "MAX_ROOMS_GUEST=4\n" in run("settings", "list")[1]
    assert "SWEEP_ENABLED=true\n" in run("settings", "list")[1]


def test_bad_values_and_names_end_with_a_sentence(run) -> None:  # type: ignore[no-untyped-def]
    assert run("settings", "set", "MAX_ROOMS_GUEST", "many") == (1, "", "MAX_ROOMS_GUEST must be a whole number.\n")
    assert run("settings", "get", "MAX_FUN") == (1, "", "There is no setting called MAX_FUN.\n")


def test_an_admin_is_made_with_the_password_on_standard_input(  # type: ignore[no-untyped-def]
    run, monkeypatch: pytest.MonkeyPatch, app: Flask
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("maple-otter-kettle-42\n"))
    assert run("create-admin", "--username", "admin", "--email", "ada@example.com") == (0, "admin\n", "")
    with app.app_context():
        user = db.session.scalar(select(User))
        assert user is not None
        assert (user.is_admin, user.is_registered) == (True, True)


def test_a_weak_password_makes_no_admin(run, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("sys.stdin", io.StringIO("password\n"))
    status, out, err = run("create-admin", "--username", "Ada", "--email", "ada@example.com")
    assert (status, out) == (1, "")
    assert "too easy to guess" in err


def test_a_demo_furnishes_rooms_that_anybody_can_read(run, gus: Person) -> None:  # type: ignore[no-untyped-def]
    status, out, err = run("seed-demo")
    assert (status, err) == (0, "")
    codes = dict(line.split("\t") for line in out.splitlines())
    assert list(codes.values()) == ["Friday pub quiz", "Gardeners"]
    page = gus.client.get(f"/rooms/{next(iter(codes))}").text
    assert "Two taps and I was in!" in page
    assert "<strong>Who does geography?</strong>" in page
    assert "🎉" in page
    assert "message-edited" in page or "edited" in page
