"""The pages of coming back, a blueprint a resource."""

from __future__ import annotations

from flask import Flask

from chatpop.accounts.views import arrivals, devices, handovers, passkeys, resume_codes, ways_back


def init_app(app: Flask) -> None:
    for module in (ways_back, resume_codes, handovers, arrivals, passkeys, devices):
        app.register_blueprint(module.bp)
