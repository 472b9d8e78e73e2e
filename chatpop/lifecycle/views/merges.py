"""Merging the guest of this browser, or of a resume code, into the present member; and undoing it."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from chatpop.accounts.views.owners import the_owner
from chatpop.core.errors import DomainError
from chatpop.core.texts import on_day, text
from chatpop.identity import cookies, devices, resume_codes, tries
from chatpop.identity.cookies import Kind
from chatpop.identity.models import User
from chatpop.identity.recognition import present_session_id
from chatpop.identity.resume_codes import CodeRefused
from chatpop.identity.returners import network_tries, present_browser
from chatpop.lifecycle import merging, offering
from chatpop.lifecycle.merging import NobodyToMerge
from chatpop.lifecycle.offering import Preview
from chatpop.web.auth import require_member
from chatpop.web.htmx import go
from chatpop.web.saying import flash
from chatpop.web.wants import wants

bp = Blueprint("merges", __name__)


@bp.get("/account/merges/new")
@require_member
def new() -> ResponseReturnValue:
    """What would move from this browser's guest; without one, the field for a guest's resume code."""
    member = the_owner()
    guest = offering.find_guest(device_secret=cookies.read(Kind.DEVICE))
    return _page(offering.preview(member, guest) if guest is not None else None)


@bp.post("/account/merge-previews")
@require_member
def preview() -> ResponseReturnValue:
    """The same for the guest of a resume code, which is not used up by looking."""
    member, code = the_owner(), request.form.get("code", "")
    try:
        return _page(offering.preview(member, _guest_of(code)), code)
    except DomainError as refusal:
        return _refuse(refusal)


@bp.post("/account/merges")
@require_member
def create() -> ResponseReturnValue:
    member, code = the_owner(), request.form.get("code", "")
    guest = _guest_of(code) if code else offering.find_guest(device_secret=cookies.read(Kind.DEVICE))
    if guest is None or guest.username != request.form.get("guest"):
        raise NobodyToMerge
    record = merging.merge(member, guest, session_id=present_session_id())
    flash(
        text(
            "%(username)s is part of your account now. You can undo this until %(day)s.",
            username=guest.username,
            day=on_day(record.undo_until),
        )
    )
    return go(url_for("accounts.show"))


@bp.post("/account/merges/<int:merge_id>/reversal")
@require_member
def reverse(merge_id: int) -> ResponseReturnValue:
    """Undo. Where this browser knows no guest, it knows this one again."""
    wants_guest = cookies.read(Kind.DEVICE) is None and current_app.config["CHATPOP"].guest_recognition != "none"
    undone = merging.undo(the_owner(), merge_id, present_browser().label if wants_guest else None)
    if undone.device_secret is not None:
        cookies.put(Kind.DEVICE, undone.device_secret, devices.cookie_seconds())
    flash(text("%(username)s is a guest of its own again.", username=undone.guest.username))
    return go(url_for("accounts.show"))


def _guest_of(code: str) -> User:
    """Raises ``CodeRefused``, ``TooManyTries``."""
    network = network_tries("resume-codes", resume_codes.TRIES, resume_codes.TRY_WINDOW)
    with tries.counted(network, CodeRefused):
        guest = offering.find_guest(resume_code=code)
        if guest is None:
            raise CodeRefused
        return guest


def _page(found: Preview | None, code: str = "") -> ResponseReturnValue:
    return render_template("lifecycle/merge.html", preview=found, code=code)


def _refuse(refusal: DomainError) -> ResponseReturnValue:
    if wants() == "json":
        raise refusal
    headers = {"Retry-After": str(refusal.retry_after)} if refusal.retry_after else {}
    return render_template("lifecycle/merge.html", preview=None, code="", notice=refusal), refusal.status, headers
