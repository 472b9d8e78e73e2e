"""Handing over, seen from the new browser: bring the code, show the number, be let in."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from chatpop.accounts.views.resume_codes import refused
from chatpop.core.errors import DomainError
from chatpop.core.texts import text
from chatpop.identity import handovers
from chatpop.identity.handovers import State
from chatpop.identity.models import Handover
from chatpop.identity.returners import network_tries, present_browser, settle_back
from chatpop.web.htmx import go
from chatpop.web.saying import flash
from chatpop.web.wants import wants

bp = Blueprint("arrivals", __name__)
ARRIVAL = "arrival"
"""The new browser's secret, in its own signed cookie."""


@bp.get("/handover")
def new() -> ResponseReturnValue:
    return render_template("returning/arrive.html")


@bp.post("/handover")
def create() -> ResponseReturnValue:
    network = network_tries("handovers", handovers.TRIES, handovers.TRY_WINDOW)
    try:
        arrival = handovers.arrive(request.form.get("code", ""), present_browser().label, network)
    except DomainError as refusal:
        return refused("returning/arrive.html", "returning/_arrive_form.html", refusal)
    session[ARRIVAL] = arrival.secret
    return go(url_for("arrivals.show"))


@bp.get("/handover/number")
def show() -> ResponseReturnValue:
    """The number to choose on the other device."""
    handover = handovers.find_arrival(session.get(ARRIVAL))
    if handover is None:
        return redirect(url_for("arrivals.new"), 303)
    return render_template("returning/arrival.html", number=handover.number, is_over=_is_over(handover))


@bp.post("/handover/completion")
def complete() -> ResponseReturnValue:
    """Come in, if the number was chosen; asked again and again by the page, or by its button."""
    try:
        welcome = handovers.complete(session.get(ARRIVAL), present_browser(), current_app.config["CHATPOP"])
    except handovers.NotConfirmed as refusal:
        return ("", 204) if wants() == "fragment" else _not_yet(refusal)
    except handovers.HandoverOver as refusal:
        session.pop(ARRIVAL, None)
        return _not_yet(refusal)
    session.pop(ARRIVAL, None)
    settle_back(welcome)
    flash(text("You are %(username)s on this device too.", username=welcome.user.username))
    return go("/")


def _not_yet(refusal: DomainError) -> ResponseReturnValue:
    if wants() == "json":
        raise refusal
    handover = handovers.find_arrival(session.get(ARRIVAL))
    number, is_over = (handover.number, _is_over(handover)) if handover is not None else (None, True)
    template = "returning/_arrival.html" if wants() == "fragment" else "returning/arrival.html"
    return render_template(template, number=number, is_over=is_over, notice=refusal), refusal.status


def _is_over(handover: Handover) -> bool:
    return handovers.state_of(handover) in (State.OVER, State.COMPLETED)
