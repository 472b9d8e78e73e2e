"""People: finding accounts, looking at one, and what can be done with several at once."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from chatpop.admin import person
from chatpop.admin.changes import CHANGES, Change
from chatpop.admin.present import BAN_LENGTHS, BadChoice, ban_end, the_admin
from chatpop.core.errors import DomainError
from chatpop.core.texts import counted, text
from chatpop.extensions import db
from chatpop.identity import disabling, listing
from chatpop.identity.listing import Wanted
from chatpop.identity.models import User
from chatpop.lifecycle import rerolling, shutting_out
from chatpop.web.redirects import own_path
from chatpop.web.saying import flash

bp = Blueprint("people", __name__, url_prefix="/people")

MOST_AT_ONCE = 100


@bp.get("")
def index() -> ResponseReturnValue:
    wanted = _wanted()
    return render_template(
        "admin/people/index.html",
        listed=listing.page(wanted),
        wanted=wanted,
        tiers=listing.TIERS,
        states=listing.STATES,
        changes=CHANGES,
    )


@bp.get("/<int:user_id>")
def show(user_id: int) -> ResponseReturnValue:
    return _page(user_id)


@bp.post("/changes")
def change() -> ResponseReturnValue:
    """Once to see what will happen to whom, and with ``confirmed`` to do it."""
    chosen = CHANGES.get(request.form.get("change", ""))
    if chosen is None:
        raise BadChoice
    users = _chosen_users()
    if "confirmed" not in request.form:
        return _confirmation(chosen, users)
    done, refused = 0, []
    for user in users:
        try:
            if chosen.can(user):
                chosen.do(user.id, the_admin())
                done += 1
        except DomainError as refusal:
            refused.append(text("%(name)s: %(sentence)s", name=user.username, sentence=refusal.sentence))
    flash(counted(*chosen.done, done))
    for sentence in refused:
        flash(sentence, "error")
    return redirect(own_path(request.form.get("back", "")) or url_for("admin.people.index"), 303)


@bp.post("/<int:user_id>/bans")
def ban(user_id: int) -> ResponseReturnValue:
    try:
        shutting_out.ban(
            user_id,
            set(request.form.getlist("kinds")),
            ban_end(),
            request.form.get("reason", ""),
            by=the_admin(),
        )
    except DomainError as refusal:
        return _refused(user_id, refusal)
    flash(text("The ban is in force."))
    return _back(user_id)


@bp.post("/<int:user_id>/rerolls")
def reroll(user_id: int) -> ResponseReturnValue:
    relabel = "relabel" in request.form
    try:
        done = rerolling.reroll(user_id, request.form.get("name", ""), relabel=relabel, by=the_admin())
    except DomainError as refusal:
        return _refused(user_id, refusal)
    flash(text("%(old)s is %(new)s now.", old=done.old, new=done.new))
    return _back(user_id)


@bp.post("/<int:user_id>/admin")
def make_admin(user_id: int) -> ResponseReturnValue:
    try:
        user = disabling.make_admin(user_id, by=the_admin())
    except DomainError as refusal:
        return _refused(user_id, refusal)
    flash(text("%(username)s helps to run this site now.", username=user.username))
    return _back(user_id)


@bp.post("/<int:user_id>/admin/end")
def unmake_admin(user_id: int) -> ResponseReturnValue:
    try:
        user = disabling.unmake_admin(user_id, by=the_admin())
    except DomainError as refusal:
        return _refused(user_id, refusal)
    flash(text("%(username)s runs this site no longer.", username=user.username))
    return _back(user_id) if user_id != the_admin().id else redirect("/", 303)


def _wanted() -> Wanted:
    asked = request.args
    return Wanted(
        query=asked.get("q", "").strip()[:254],
        tier=asked.get("tier", ""),
        state=asked.get("state", ""),
        sort="seen" if asked.get("sort") == "seen" else "created",
        after=asked.get("after", ""),
    )


def _chosen_users() -> list[User]:
    """Raises :class:`BadChoice` for none, and for more than fit on a page."""
    numbers = {
        int(text) for text in request.form.getlist("ids") if text.isascii() and text.isdigit() and len(text) < 19
    }
    if not 0 < len(numbers) <= MOST_AT_ONCE:
        raise BadChoice(text("Choose at least one account, and 100 at most."))
    return list(db.session.scalars(select(User).where(User.id.in_(numbers)).order_by(User.id)))


def _confirmation(chosen: Change, users: list[User]) -> ResponseReturnValue:
    return render_template(
        "admin/people/confirm.html",
        chosen=chosen,
        name=request.form["change"],
        able=[user for user in users if chosen.can(user)],
        unable=[user for user in users if not chosen.can(user)],
        back=own_path(request.form.get("back", "")) or url_for("admin.people.index"),
        reason=request.form.get("reason", ""),
    )


def _page(user_id: int, refusal: DomainError | None = None) -> str:
    return render_template(
        "admin/people/show.html",
        one=person.look_at(user_id),
        lengths=BAN_LENGTHS,
        changes=CHANGES,
        me=the_admin(),
        refusal=refusal,
    )


def _refused(user_id: int, refusal: DomainError) -> ResponseReturnValue:
    """The page again with the reason; an account that is not there is not there."""
    if refusal.status == 404 and db.session.get(User, user_id) is None:
        raise refusal
    return _page(user_id, refusal), refusal.status


def _back(user_id: int) -> ResponseReturnValue:
    return redirect(url_for("admin.people.show", user_id=user_id), 303)
