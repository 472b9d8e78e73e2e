"""The pages of accounts, a blueprint a resource."""

from __future__ import annotations

from flask import Flask

from chatpop.accounts.views import (
    access_tokens,
    accounts,
    logins,
    logouts,
    registration_rolls,
    registrations,
    renames,
    returning,
    username_checks,
)
from chatpop.identity.browser_labels import shown_browser
from chatpop.web.saying import shown


def init_app(app: Flask) -> None:
    for module in (
        registrations,
        registration_rolls,
        username_checks,
        logins,
        logouts,
        accounts,
        renames,
        access_tokens,
    ):
        app.register_blueprint(module.bp)
    returning.init_app(app)
    app.jinja_env.filters["browser"] = lambda label: shown(shown_browser(label))
