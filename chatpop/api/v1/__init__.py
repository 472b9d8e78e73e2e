"""``/api/v1``: the JSON door for members' programs."""

from __future__ import annotations

from flask import Blueprint, Flask

from chatpop.api.v1 import bearer, logins, messages, openapi, problems, rooms, tokens, uploads, users


def init_app(app: Flask) -> None:
    """Register the resources behind one guard. Cookies are no credential here, so no site can misuse them."""
    parent = Blueprint("v1", __name__, url_prefix=problems.PREFIX)
    parent.before_request(bearer.admit)
    for module in (logins, users, tokens, rooms, messages, uploads, openapi):
        parent.register_blueprint(module.bp)
    app.register_blueprint(parent)
    app.after_request(problems.dress)
    for endpoint, view in app.view_functions.items():
        if endpoint.startswith(f"{parent.name}."):
            view.csrf_exempt = True  # type: ignore[union-attr]
