"""``bin/chatpop sweep``: the count is the last line on standard output, and nothing else gets there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from chatpop import cli
from chatpop.core import clock
from chatpop.settings import changing
from tests.lifecycle.idlers import DAY, abandoned, give_file, make_guests

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(app: Flask, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setattr(cli, "create_app", lambda: app)

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = cli.main(arguments)
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_it_prints_the_count(app: Flask, run: Run) -> None:
    guests = make_guests(app, 3, unseen=100 * DAY)
    assert run("sweep")[:2] == (0, "3\n")
    assert run("sweep")[:2] == (0, "0\n")
    assert abandoned(app) == set(guests)


def test_a_dry_run_lists_them_and_touches_nobody(app: Flask, run: Run) -> None:
    make_guests(app, 1, unseen=100 * DAY)
    (older,) = make_guests(app, 1, unseen=200 * DAY, prefix="Older")
    give_file(app, older, private=True)
    status, out, err = run("sweep", "--dry-run")
    first, second, count = out.splitlines()
    assert (status, count, err) == (0, "2", "")
    seen = (clock.now() - 200 * DAY).strftime("%Y-%m-%d")
    assert first.startswith("Olderx")
    assert f"\t{seen} " in first
    assert first.endswith("\t1")
    assert second.endswith("\t0")
    assert abandoned(app) == set()


def test_held_back_it_says_so_and_force_goes_on(app: Flask, run: Run) -> None:
    make_guests(app, 101, unseen=100 * DAY)
    status, out, err = run("sweep")
    assert (status, out) == (0, "0\n")
    assert "--force" in err
    assert run("sweep", "--force")[1] == "101\n"


def test_the_switch_of_the_schedule_does_not_stop_the_command(app: Flask, run: Run) -> None:
    make_guests(app, 1, unseen=100 * DAY)
    with app.app_context():
        changing.change("SWEEP_ENABLED", "false")
    assert run("sweep")[1] == "1\n"
