"""The JSON doors. They own no tables and no rules."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    from chatpop.api import names, v1

    app.register_blueprint(names.bp)
    v1.init_app(app)
