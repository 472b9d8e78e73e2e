"""The room pages, a blueprint a resource."""

from __future__ import annotations

from flask import Flask

from chatpop.accounts import allowances
from chatpop.identity.bans import Banned
from chatpop.rooms import editing, showing
from chatpop.rooms.finding import count_hosted
from chatpop.rooms.views import (
    attachments,
    class_passes,
    dice_rolls,
    door,
    edits,
    files,
    home_dice,
    ignores,
    invites,
    kicks,
    messages,
    moderators,
    mutes,
    participations,
    people,
    pins,
    reactions,
    readings,
    reports,
    room_bans,
    room_exports,
    room_settings,
    rooms,
    searches,
    streams,
    typists,
)
from chatpop.uploads import listing


def init_app(app: Flask) -> None:
    allowances.uses["rooms"] = count_hosted
    if showing.file_ended not in listing.after_end:
        listing.after_end.append(showing.file_ended)
    for module in (rooms, invites, class_passes, dice_rolls, participations, messages, people, streams):
        app.register_blueprint(module.bp)
    for module in (door, home_dice, kicks, moderators, mutes, pins, room_bans, room_exports, room_settings):
        app.register_blueprint(module.bp)
    for module in (attachments, edits, files, ignores, reactions, readings, reports, searches, typists):
        app.register_blueprint(module.bp)
    app.register_error_handler(Banned, room_bans.show_refusal)
    app.jinja_env.globals.update(
        ignored_people=ignores.ignored_people,
        stance_to=ignores.stance,
        file_limits=attachments.file_limits,
        edit_minutes=editing.window,
        palette=reactions.palette,
    )
