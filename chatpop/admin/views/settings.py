"""Settings: what holds, who changed what, a new value, back to the default."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from chatpop.identity.recognition import present_viewer
from chatpop.settings import changing, registry

bp = Blueprint("settings", __name__, url_prefix="/settings")


@bp.get("")
def index() -> ResponseReturnValue:
    return _page()


@bp.post("/<name>")
def update(name: str) -> ResponseReturnValue:
    setting = registry.find(name)
    try:
        changing.change(setting.name, request.form.get("value", ""), changed_by=_me())
    except registry.BadSetting as refusal:
        return _page(setting.name, refusal.sentence, request.form.get("value", "")), 422
    flash(f"{setting.name} is now {setting.get()}.")
    return redirect(url_for("admin.settings.index", _anchor=setting.name), 303)


@bp.post("/<name>/reset")
def reset(name: str) -> ResponseReturnValue:
    setting = registry.find(name)
    changing.reset(setting.name, changed_by=_me())
    flash(f"{setting.name} is back at its default, {setting.get()}.")
    return redirect(url_for("admin.settings.index", _anchor=setting.name), 303)


def _page(wrong: str | None = None, error: str | None = None, typed: str = "") -> str:
    rows = [
        {
            "setting": setting,
            "value": registry.text_of(setting.get()),
            "default": registry.text_of(registry.default_of(setting)),
            "is_stored": registry.is_stored(setting),
            "error": error if setting.name == wrong else None,
            "typed": typed if setting.name == wrong else registry.text_of(setting.get()),
        }
        for setting in registry.everything()
    ]
    return render_template("admin/settings/index.html", rows=rows, changes=changing.latest_changes())


def _me() -> int | None:
    user = present_viewer().user
    return user.id if user else None
