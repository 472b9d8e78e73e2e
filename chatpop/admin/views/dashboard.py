"""The first admin page: how the site stands, and the days from visitors to members."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from chatpop.core.texts import text
from chatpop.lifecycle import daily_figures, standing
from chatpop.lifecycle.alerts import alerts
from chatpop.lifecycle.daily_figures import Day, Kind
from chatpop.lifecycle.figures import count_everything
from chatpop.names import usage

bp = Blueprint("dashboard", __name__)

DAYS = 30
BAR, GAP, HEIGHT = 8, 2, 80
"""Units of the plot's own coordinates: a day's bar, the space after it, and the highest bar."""
TITLES = {
    Kind.VISITORS: text("Visitors"),
    Kind.ROLLS: text("Rolls"),
    Kind.GUESTS: text("New guests"),
    Kind.FIRST_MESSAGES: text("First messages"),
    Kind.CAME_BACK: text("Came back"),
    Kind.MEMBERS: text("New members"),
}


@dataclass(frozen=True, slots=True)
class Plot:
    """Bars of one kind as SVG wants them; ``path`` draws them all. ``top`` is what the highest one says."""

    title: str
    path: str
    top: int
    total: int
    today: int


@bp.get("", strict_slashes=False)
def show() -> ResponseReturnValue:
    days, names = daily_figures.last_days(DAYS), usage.latest()
    queue, sweep = standing.queue_state(), standing.last_sweep()
    return render_template(
        "admin/dashboard.html",
        figures=count_everything(),
        policy=current_app.config["CHATPOP"].guest_recognition,
        plots=[_plot(kind, days) for kind in Kind],
        width=DAYS * (BAR + GAP),
        height=HEIGHT,
        days=days,
        titles=TITLES,
        names=names,
        queue=queue,
        sweep=sweep,
        upload_bytes=standing.upload_bytes(),
        alerts=alerts(names, queue, sweep),
    )


def _plot(kind: Kind, days: list[Day]) -> Plot:
    numbers = [day.counts[kind] or 0 for day in days]
    top = max(1, *numbers)
    bars = (
        f"M{place * (BAR + GAP)} {HEIGHT}v-{max(1.0, number / top * HEIGHT):.1f}h{BAR}V{HEIGHT}z"
        for place, number in enumerate(numbers)
        if number
    )
    return Plot(TITLES[kind], "".join(bars), top, sum(numbers), numbers[-1])
