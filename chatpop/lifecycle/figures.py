"""Figures of the whole site."""

from __future__ import annotations

from sqlalchemy import func, select

from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.names.models import Name
from chatpop.rooms.models import Message, Room
from chatpop.uploads.models import Upload


def count_everything() -> dict[str, object]:
    """Row counts: users by tier and state, names, rooms, messages, uploads."""
    users = {tier: {"active": 0, "abandoned": 0, "disabled": 0} for tier in ("guest", "member")}
    rows = db.session.execute(
        select(User.is_registered, User.is_abandoned, User.is_disabled, func.count()).group_by(
            User.is_registered, User.is_abandoned, User.is_disabled
        )
    )
    for registered, abandoned, disabled, number in rows:
        state = "disabled" if disabled else "abandoned" if abandoned else "active"
        users["member" if registered else "guest"][state] += number
    keys = {"names": Name.id, "rooms": Room.id, "messages": Message.id, "uploads": Upload.id}
    return {
        "users": users,
        **{noun: db.session.scalar(select(func.count(key))) for noun, key in keys.items()},
    }
