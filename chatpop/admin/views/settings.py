"""Settings: what holds, who changed what, a new value, back to the default."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from chatpop.core.texts import text
from chatpop.identity.recognition import present_viewer
from chatpop.settings import changing, registry, rehearsal
from chatpop.web.saying import flash

bp = Blueprint("settings", __name__, url_prefix="/settings")


@bp.get("")
def index() -> ResponseReturnValue:
    name, value = request.args.get("rehearsed", ""), request.args.get("value", "")
    return _page(name, typed=value, told=_told(name, value)) if name else _page()


@bp.post("/<name>/rehearsals")
def rehearse(name: str) -> ResponseReturnValue:
    """Go back to the page, where the value is told about and still to be saved."""
    setting, value = registry.find(name), request.form.get("value", "").strip()
    try:
        setting.parse(value)
    except registry.BadSetting as refusal:
        return _page(setting.name, refusal.sentence, value), 422
    place = url_for("admin.settings.index", rehearsed=setting.name, value=value, _anchor=setting.name)
    return redirect(place, 303)


@bp.post("/<name>")
def update(name: str) -> ResponseReturnValue:
    setting = registry.find(name)
    try:
        changing.change(setting.name, request.form.get("value", ""), changed_by=_me())
    except registry.BadSetting as refusal:
        return _page(setting.name, refusal.sentence, request.form.get("value", "")), 422
    flash(text("%(name)s is now %(setting)s.", name=setting.name, setting=setting.get()))
    return redirect(url_for("admin.settings.index", _anchor=setting.name), 303)


@bp.post("/<name>/reset")
def reset(name: str) -> ResponseReturnValue:
    setting = registry.find(name)
    changing.reset(setting.name, changed_by=_me())
    flash(text("%(name)s is back at its default, %(setting)s.", name=setting.name, setting=setting.get()))
    return redirect(url_for("admin.settings.index", _anchor=setting.name), 303)


def _told(name: str, value: str) -> str:
    """What the value would have done, or why it can't be told. Raises ``UnknownSetting``."""
    try:
        told = rehearsal.rehearse(registry.find(name), value)
    except registry.BadSetting as refusal:
        return refusal.sentence
    return told.sentence if told else text("This can't be told just now.")


def _page(about: str | None = None, error: str | None = None, typed: str = "", told: str = "") -> str:
    """``about`` names the setting that the other arguments belong to."""
    rows = [
        {
            "setting": setting,
            "value": registry.text_of(setting.get()),
            "default": registry.text_of(registry.default_of(setting)),
            "is_stored": registry.is_stored(setting),
            "error": error if setting.name == about else None,
            "typed": typed if setting.name == about else registry.text_of(setting.get()),
            "told": told if setting.name == about else "",
            "can_rehearse": rehearsal.can_rehearse(setting),
        }
        for setting in registry.everything()
    ]
    return render_template("admin/settings/index.html", rows=rows, changes=changing.latest_changes())


def _me() -> int | None:
    user = present_viewer().user
    return user.id if user else None
