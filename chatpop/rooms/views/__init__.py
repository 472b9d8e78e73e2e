"""The room pages, a blueprint a resource."""

from __future__ import annotations

from flask import Flask

from chatpop.accounts import allowances
from chatpop.rooms.finding import count_hosted
from chatpop.rooms.views import class_passes, dice_rolls, invites, messages, participations, people, rooms, streams


def init_app(app: Flask) -> None:
    allowances.uses["rooms"] = count_hosted
    for module in (rooms, invites, class_passes, dice_rolls, participations, messages, people, streams):
        app.register_blueprint(module.bp)
