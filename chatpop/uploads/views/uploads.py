"""The page of one's own files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from chatpop.core.errors import DomainError, LoginRequired
from chatpop.core.texts import counted, text
from chatpop.identity.models import User
from chatpop.identity.recognition import present_viewer
from chatpop.uploads import listing, tiers
from chatpop.uploads.receiving import Outcome, Purpose
from chatpop.uploads.views.bodies import takes_files
from chatpop.uploads.views.taking import take_files, told
from chatpop.web.htmx import go
from chatpop.web.saying import flash
from chatpop.web.wants import wants

bp = Blueprint("uploads", __name__)


@bp.get("/uploads")
def index() -> ResponseReturnValue:
    return _page()


@bp.get("/uploads/list")
def part() -> ResponseReturnValue:
    """The list alone, as a fragment."""
    return _page("uploads/_uploads.html")


@bp.post("/uploads")
@takes_files
def create() -> ResponseReturnValue:
    try:
        outcomes = take_files(present_viewer(), Purpose(is_private=bool(request.form.get("private"))))
    except DomainError as refusal:
        if wants() == "json" or refusal.mend or refusal.status >= 500:
            raise
        return _page(refusal=refusal), refusal.status
    if wants() == "json":
        return jsonify(results=told(outcomes)), 207
    refused = [outcome for outcome in outcomes if outcome.refusal is not None]
    if refused:
        return _page(_template(), outcomes=outcomes), _status(refused)
    flash(counted("Your file is kept.", "Your %(num)s files are kept.", len(outcomes)))
    return go(url_for("uploads.index"))


@bp.post("/uploads/<public_id>/deletion")
def destroy(public_id: str) -> ResponseReturnValue:
    listing.delete(_owner(), public_id)
    return _changed(text("The file is deleted."))


@bp.post("/uploads/<public_id>/privacy")
def update(public_id: str) -> ResponseReturnValue:
    upload = listing.set_private(_owner(), public_id, bool(request.form.get("private")))
    who = (
        text("Only you can read it now.")
        if upload.is_private
        else text("Everybody who has its address can read it now.")
    )
    return _changed(who)


def _owner() -> User:
    user = present_viewer().user
    if user is None:
        raise LoginRequired(mend=url_for("uploads.index"))
    return user


def _changed(sentence: str) -> ResponseReturnValue:
    if wants() == "json":
        return jsonify(message=sentence)
    if wants() == "fragment":
        return _page("uploads/_uploads.html", sentence=sentence)
    flash(sentence)
    return go(url_for("uploads.index", **_place()))


def _place() -> dict[str, Any]:
    """Which page of the list the reader is on, and how it is sorted."""
    number = request.values.get("page", default=1, type=int)
    found = {"page": min(max(number, 1), listing.MAX_PAGE), "sort": request.values.get("sort", listing.NEWEST)}
    return {name: value for name, value in found.items() if value not in (1, listing.NEWEST)}


def _template() -> str:
    return "uploads/_uploads.html" if wants() == "fragment" else "uploads/index.html"


def _page(
    template: str = "uploads/index.html",
    *,
    outcomes: Sequence[Outcome] = (),
    refusal: DomainError | None = None,
    sentence: str | None = None,
) -> str:
    viewer, place = present_viewer(), _place()
    return render_template(
        template,
        page=listing.page_of(viewer.user, place.get("page", 1), place.get("sort", listing.NEWEST)),
        sorts=listing.SORTS,
        tier=tiers.tier_of(viewer.user),
        member=tiers.member(),
        outcomes=outcomes,
        refusal=refusal,
        sentence=sentence,
    )


def _status(refused: Sequence[Outcome]) -> int:
    """The refusals' own status where they agree."""
    found = {outcome.refusal.status for outcome in refused if outcome.refusal is not None}
    return found.pop() if len(found) == 1 else 422
