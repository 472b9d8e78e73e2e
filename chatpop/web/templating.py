"""What templates can use everywhere."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app
from markupsafe import Markup

from chatpop.web import csrf, drawn_names, saying, times


def init_app(app: Flask) -> None:
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        asset=lambda name: current_app.extensions["chatpop_assets"].url(name),
        csrf_token=csrf.make_token,
        csrf_field=csrf_field,
        dom_id=dom_id,
    )
    app.jinja_env.filters.update(
        moment=times.moment,
        day=times.day,
        full_time=times.full_time,
        plain_day=saying.say_day,
        wait=times.wait,
        said=saying.say,
    )
    app.jinja_env.filters.update(initials=drawn_names.initials, tint=drawn_names.tint)
    app.jinja_env.filters.update(breakable=drawn_names.breakable, spoken=drawn_names.spoken, tiles=drawn_names.tiles)
    app.jinja_env.finalize = saying.shown


def csrf_field() -> Markup:
    """The hidden field that every form carries."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(csrf.FIELD, csrf.make_token())


def dom_id(noun: str, key: Any) -> str:
    """The id of an element, the same in pages, fragments and streams."""
    return f"{noun}-{key}"
