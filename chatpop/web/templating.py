"""What templates can use everywhere."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Flask, current_app
from markupsafe import Markup

from chatpop.web import csrf


def init_app(app: Flask) -> None:
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        asset=lambda name: current_app.extensions["chatpop_assets"].url(name),
        csrf_token=csrf.make_token,
        csrf_field=csrf_field,
        dom_id=dom_id,
    )
    app.jinja_env.filters.update(moment=moment, wait=wait)


def csrf_field() -> Markup:
    """The hidden field that every form carries."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(csrf.FIELD, csrf.make_token())


def dom_id(noun: str, key: Any) -> str:
    """The id of an element, the same in pages, fragments and streams."""
    return f"{noun}-{key}"


def moment(value: datetime) -> Markup:
    """A time element; the script shows it in the reader's own zone."""
    return Markup('<time datetime="{}">{} UTC</time>').format(
        value.isoformat(timespec="seconds"), value.strftime("%H:%M")
    )


def wait(seconds: int) -> str:
    """A wait as people say it: in seconds below a minute, else rounded up to minutes."""
    if seconds < 60:
        return _count(max(1, int(seconds)), "second")
    minutes = max(1, -(-int(seconds) // 60))
    hours, rest = divmod(minutes, 60)
    parts = [_count(hours, "hour")] if hours else []
    if rest:
        parts.append(_count(rest, "minute"))
    return " ".join(parts)


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
