"""One's own files in the browser; serving them is the rooms' part, which knows who may read what."""

from __future__ import annotations

from flask import Flask

from chatpop.uploads.tiers import shown_size
from chatpop.uploads.views import bodies, uploads
from chatpop.uploads.views.taking import file_path
from chatpop.web.saying import say


def init_app(app: Flask) -> None:
    bodies.init_app(app)
    app.register_blueprint(uploads.bp)
    app.jinja_env.filters["shown_size"] = lambda size: say(shown_size(size))
    app.jinja_env.globals["file_path"] = file_path
