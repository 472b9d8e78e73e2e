"""The sweep: who would be forgotten now, what the last runs did, and a button to let it run."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from chatpop.admin.guard import AdminsOnly
from chatpop.core import errands
from chatpop.core.texts import text
from chatpop.identity.recognition import present_viewer
from chatpop.lifecycle import sweep, sweep_report, sweep_runs
from chatpop.settings import registry
from chatpop.web.saying import flash

bp = Blueprint("sweep", __name__, url_prefix="/sweep")
bp.add_app_template_global(sweep_runs.holding, "sweep_holding")


@bp.get("")
def index() -> ResponseReturnValue:
    page = min(max(request.args.get("page", 1, type=int), 1), 100_000)
    counted = sweep.census()
    return render_template(
        "admin/sweep/index.html",
        census=counted,
        guests=sweep_report.due_guests(page),
        page=page,
        pages=-(-counted.due // sweep_report.PAGE),
        runs=sweep_runs.latest(),
        days=registry.UNREGISTERED_ACCOUNT_ABANDONMENT_DAYS.get(),
        is_enabled=registry.SWEEP_ENABLED.get(),
        sleep_days=registry.GUEST_SLEEP_DAYS.get(),
    )


@bp.post("/runs")
def create() -> ResponseReturnValue:
    admin = present_viewer().user
    if admin is None:  # the guard has looked; this is for whoever takes it away
        raise AdminsOnly
    errands.send(sweep.JOB, sweep_runs.ask(admin, force="force" in request.form))
    flash(text("The sweep is on its way. Look again in a moment."))
    return redirect(url_for("admin.sweep.index"), 303)
