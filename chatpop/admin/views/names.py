"""Names: how full the namespace is, what the rules say of a list, and how one name stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from chatpop.names import availability, usage
from chatpop.names.availability import Explanation
from chatpop.names.usage import Usage

bp = Blueprint("names", __name__, url_prefix="/names")

PLOT_WIDTH, PLOT_HEIGHT = 600, 160
MAX_SCREENED = 500


@dataclass(frozen=True, slots=True)
class Plot:
    """A curve as SVG wants it: ``points`` of a polyline, and what its corners say."""

    points: str
    first_day: str
    last_day: str
    top: int


@bp.get("")
def index() -> ResponseReturnValue:
    asked = request.args.get("name", "").strip()
    return _page(explanation=availability.explain(asked) if asked else None)


@bp.post("/screenings")
def screen() -> ResponseReturnValue:
    """What the rules in force say of every pasted name."""
    pasted = request.form.get("names", "")
    verdicts = [(name, availability.refusal_of(name)) for name in pasted.split()[:MAX_SCREENED]]
    return _page(pasted=pasted, verdicts=verdicts)


def _page(explanation: Explanation | None = None, pasted: str = "", verdicts: object = None) -> str:
    figures = usage.latest()
    return render_template(
        "admin/names/index.html",
        figures=figures,
        measured_at=datetime.fromisoformat(figures.measured_at),
        plot=_plot(figures),
        width=PLOT_WIDTH,
        height=PLOT_HEIGHT,
        explanation=explanation,
        pasted=pasted,
        verdicts=verdicts,
    )


def _plot(figures: Usage) -> Plot:
    curve = usage.curve(figures)
    top = max(1, *(used for _, used in curve))
    step = PLOT_WIDTH / (len(curve) - 1)
    points = " ".join(
        f"{number * step:.1f},{PLOT_HEIGHT - used / top * PLOT_HEIGHT:.1f}" for number, (_, used) in enumerate(curve)
    )
    return Plot(points, curve[0][0], curve[-1][0], top)
