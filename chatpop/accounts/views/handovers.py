"""Handing over, seen from the browser that is known: the QR code, then the three numbers."""

from __future__ import annotations

import io

import segno
from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from chatpop.accounts.views.owners import the_owner, the_user
from chatpop.core.texts import text
from chatpop.identity import handovers, spelled_codes
from chatpop.identity.handovers import State
from chatpop.identity.models import Handover
from chatpop.web.auth import require_user
from chatpop.web.saying import flash
from chatpop.web.wants import wants

bp = Blueprint("handovers", __name__)


@bp.post("/handovers")
@require_user
def create() -> ResponseReturnValue:
    handover = handovers.start(the_owner(), _secret())
    return redirect(url_for("handovers.show", public_id=handover.public_id), 303)


@bp.get("/handovers/<public_id>")
@require_user
def show(public_id: str) -> ResponseReturnValue:
    return _answer("returning/handover.html", handovers.find(public_id, the_user()))


@bp.get("/handovers/<public_id>/state")
@require_user
def state(public_id: str) -> ResponseReturnValue:
    """How far it is, for a page that asks again and again; 204 while nothing has changed."""
    handover = handovers.find(public_id, the_user())
    if request.args.get("seen") == handovers.state_of(handover):
        return "", 204
    return _answer("returning/_handover.html", handover)


@bp.get("/handovers/<public_id>/qr.svg")
@require_user
def qr(public_id: str) -> Response:
    out = io.BytesIO()
    handover = handovers.find(public_id, the_user())
    segno.make_qr(_link(_code(handover)), error="m").save(out, kind="svg", scale=6, border=3, dark="#111", light="#fff")
    return Response(out.getvalue(), mimetype="image/svg+xml", headers={"Cache-Control": "private, no-store"})


@bp.post("/handovers/<public_id>/confirmation")
@require_user
def confirm(public_id: str) -> ResponseReturnValue:
    user, picked = the_owner(), request.form.get("number", "")
    number = int(picked) if picked.isascii() and picked.isdigit() and len(picked) == 2 else None
    try:
        handovers.confirm(public_id, user, number)
    except handovers.HandoverOver as refusal:
        if wants() == "json":
            raise
        template = "returning/_handover.html" if wants() == "fragment" else "returning/handover.html"
        return _answer(template, handovers.find(public_id, user)), refusal.status
    if wants() == "fragment":
        return _answer("returning/_handover.html", handovers.find(public_id, user))
    flash(text("Right. Continue on the other device."))
    return redirect(url_for("handovers.show", public_id=public_id), 303)


def _answer(template: str, handover: Handover) -> str:
    code = _code(handover)
    return render_template(
        template,
        handover=handover,
        state=handovers.state_of(handover),
        State=State,
        code=code,
        arrivals_url=_link("").rstrip("#"),
        choices=handovers.choices(handover, _secret()),
    )


def _code(handover: Handover) -> str:
    return spelled_codes.grouped(handovers.code_of(handover.public_id, _secret()))


def _link(code: str) -> str:
    """The code stands behind the "#", which is sent to nobody and written into no log."""
    root = current_app.config["CHATPOP"].public_url or request.host_url.rstrip("/")
    return f"{root}{url_for('arrivals.new')}#{code}"


def _secret() -> str:
    return str(current_app.config["SECRET_KEY"])
