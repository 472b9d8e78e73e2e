"""The reports queue: what people complain about, and what is done about it."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from chatpop.admin.present import BAN_LENGTHS, BadChoice, ban_end, the_admin, whole_number
from chatpop.core.errors import DomainError
from chatpop.core.texts import text
from chatpop.identity import bans
from chatpop.lifecycle import rerolling, shutting_out
from chatpop.rooms import deleting, reviewing
from chatpop.rooms.reviewing import Case
from chatpop.rooms.views.reports import REASONS
from chatpop.web.saying import flash

bp = Blueprint("reports", __name__, url_prefix="/reports")


class NobodyBehind(DomainError):
    status, code, sentence = 409, "nobody_behind", "The account behind this is gone."


@bp.get("")
def index() -> ResponseReturnValue:
    return render_template(
        "admin/reports/index.html", queue=reviewing.queue(whole_number("above") or 0), reasons=REASONS
    )


@bp.get("/<int:report_id>")
def show(report_id: int) -> ResponseReturnValue:
    return _page(reviewing.find(report_id))


@bp.post("/<int:report_id>/dismissal")
def dismiss(report_id: int) -> ResponseReturnValue:
    case = reviewing.find(report_id)
    return _closed(case, "dismissed", text("The report is dismissed."))


@bp.post("/<int:report_id>/message-deletion")
def delete_message(report_id: int) -> ResponseReturnValue:
    case = reviewing.find(report_id)
    if case.message is None:
        raise BadChoice
    try:
        deleting.delete(case.room, the_admin(), case.message.seq)
    except DomainError as refusal:
        return _page(case, refusal), refusal.status
    return _closed(case, "message_deleted", text("The message is deleted."))


@bp.post("/<int:report_id>/disabling")
def disable(report_id: int) -> ResponseReturnValue:
    case = reviewing.find(report_id)
    try:
        user = shutting_out.disable(_subject_id(case), by=the_admin(), reason=request.form.get("reason", ""))
    except DomainError as refusal:
        return _page(case, refusal), refusal.status
    return _closed(case, "account_disabled", text("%(username)s is disabled.", username=user.username))


@bp.post("/<int:report_id>/ban")
def ban(report_id: int) -> ResponseReturnValue:
    """The account always, its device and network on demand."""
    case, kinds = reviewing.find(report_id), {bans.ACCOUNT, *request.form.getlist("kinds")}
    try:
        shutting_out.ban(_subject_id(case), kinds, ban_end(), request.form.get("reason", ""), by=the_admin())
    except DomainError as refusal:
        return _page(case, refusal), refusal.status
    return _closed(case, "banned", text("%(name)s is banned from the site.", name=case.first.name))


@bp.post("/<int:report_id>/reroll")
def reroll(report_id: int) -> ResponseReturnValue:
    case = reviewing.find(report_id)
    try:
        done = rerolling.reroll(_subject_id(case), case.first.name, relabel="relabel" in request.form, by=the_admin())
    except DomainError as refusal:
        return _page(case, refusal), refusal.status
    return _closed(case, "rerolled", f"{done.old} is {done.new} now.")


def open_reports() -> int:
    """For templates: how many things wait to be looked at."""
    return reviewing.count_open()


def _subject_id(case: Case) -> int:
    """Raises :class:`NobodyBehind`."""
    if case.subject is None:
        raise NobodyBehind
    return case.subject.id


def _closed(case: Case, outcome: str, sentence: str) -> ResponseReturnValue:
    reviewing.close(case, outcome, by=the_admin())
    flash(sentence)
    return redirect(url_for("admin.reports.index"), 303)


def _page(case: Case, refusal: DomainError | None = None) -> str:
    return render_template(
        "admin/reports/show.html",
        case=case,
        sharing=bans.sharing(case.subject) if case.subject is not None else None,
        known=bans.evidence_of(case.subject) if case.subject is not None else None,
        lengths=BAN_LENGTHS,
        reasons=REASONS,
        refusal=refusal,
    )
