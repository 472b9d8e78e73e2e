"""The operator's door. It owns no tables and no rules; one guard stands before all of it."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    from chatpop.admin import views

    views.init_app(app)
