"""The operator's view of the sweep: who would go, what was done, the brake, and the button."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from sqlalchemy import select

from chatpop.core import clock
from chatpop.extensions import db
from chatpop.identity.models import AuditEntry
from chatpop.lifecycle.sweep import sweep
from chatpop.lifecycle.sweep_models import SweepRun
from tests.lifecycle.idlers import DAY, abandoned, give_file, make_guests
from tests.lifecycle.working import work
from tests.support.people import Person


def states(page: str) -> list[str]:
    """The last column of the runs, the newest first."""
    table = page[page.index('id="runs"') :]
    return [" ".join(row.rpartition("<td>")[2].split()) for row in table.split("</td>\n      </tr>")[:-1]]


def test_it_shows_who_would_go_page_by_page_and_touches_nobody(app: Flask, ada: Person) -> None:
    guests = make_guests(app, 52, unseen=100 * DAY)
    (oldest,) = make_guests(app, 1, unseen=200 * DAY, prefix="Oldest")
    give_file(app, oldest, private=True)
    make_guests(app, 1, unseen=DAY, prefix="Living")
    first, second = ada.get("/admin/sweep").text, ada.get("/admin/sweep?page=2").text
    assert '<strong id="due-count">53</strong> of 54 guests' in first
    assert "Page 1 of 2" in first
    assert "Page 2 of 2" in second
    assert first.index("Oldestx") < first.index("Idlerx")
    assert (clock.now() - 200 * DAY).strftime("%Y-%m-%d") in first
    assert (first + second).count("Idlerx") == len(guests)
    assert "Livingx" not in first + second
    assert abandoned(app) == set()


def test_the_button_sends_it_to_the_queue_and_is_written_down(app: Flask, ada: Person) -> None:
    guests = make_guests(app, 3, unseen=100 * DAY)
    assert ada.post("/admin/sweep/runs").status_code == 303
    page = ada.get("/admin/sweep").text
    assert "on its way" in page
    assert states(page) == ["waiting, by Ada"]
    assert abandoned(app) == set(), "the worker does it"
    with app.app_context():
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "sweep_started")).one()
        run = db.session.scalars(select(SweepRun)).one()
    assert (entry.actor_name, entry.detail) == ("Ada", {"run": run.id, "forced": False})
    work(app)
    assert abandoned(app) == set(guests)
    page = ada.get("/admin/sweep").text
    assert states(page) == ["done, by Ada"]
    assert "<td>3 of 3</td>" in page


def test_while_it_is_held_back_every_admin_page_says_so(app: Flask, ada: Person) -> None:
    make_guests(app, 120, unseen=100 * DAY)
    assert "held back" not in ada.get("/admin").text
    with app.app_context():
        assert sweep() == 0
    assert "120 of 120 guests" in ada.get("/admin").text
    assert states(ada.get("/admin/sweep").text) == ["held back, by the command line"]
    ada.post("/admin/sweep/runs", data={"force": "1"})
    work(app)
    assert len(abandoned(app)) == 120
    assert "The sweep is held back" not in ada.get("/admin").text


def test_a_run_that_is_over_is_not_done_again(app: Flask, ada: Person) -> None:
    """As when its worker was killed after the last guest and before the queue heard of it."""
    from chatpop.lifecycle.sweep import run

    ada.post("/admin/sweep/runs")
    work(app)
    make_guests(app, 2, unseen=100 * DAY)
    with app.app_context():
        run_id = db.session.scalars(select(SweepRun.id)).one()
        assert (run(run_id), run(run_id + 1)) == (0, 0)
    assert abandoned(app) == set()


def test_it_says_when_it_is_switched_off(make_app: Callable[..., Flask], ada: Person) -> None:
    assert "It runs once an hour" in ada.get("/admin/sweep").text
    ada.post("/admin/settings/SWEEP_ENABLED", data={"value": "false"})
    ada.post("/admin/settings/UNREGISTERED_ACCOUNT_ABANDONMENT_DAYS", data={"value": "-1"})
    page = ada.get("/admin/sweep").text
    assert "It does not run by itself" in page
    assert "never forgotten" in page


def test_outsiders_do_not_get_in_and_a_strange_page_is_the_first_one(app: Flask, hana: Person, ada: Person) -> None:
    hana.open_room()
    assert hana.get("/admin/sweep").status_code == 403
    assert hana.post("/admin/sweep/runs").status_code == 403
    assert ada.get("/admin/sweep?page=minus").status_code == 200
    assert ada.get("/admin/sweep?page=-9").status_code == 200
    wrong = ada.post("/admin/sweep/runs", headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"})
    assert wrong.status_code in (400, 403)
    with app.app_context():
        assert db.session.scalars(select(SweepRun)).all() == []
