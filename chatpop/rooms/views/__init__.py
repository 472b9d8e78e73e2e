"""The room pages, a blueprint a resource."""

from __future__ import annotations

from flask import Flask

from chatpop.rooms.views import dice_rolls, invites, messages, participations, people, rooms, streams


def init_app(app: Flask) -> None:
    for module in (rooms, invites, dice_rolls, participations, messages, people, streams):
        app.register_blueprint(module.bp)
