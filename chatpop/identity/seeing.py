"""Noting that an account was seen, whatever authenticated it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.orm.attributes import set_committed_value

from chatpop.core import clock, database
from chatpop.extensions import db
from chatpop.identity.models import User

TOUCH = timedelta(minutes=1)


def touch(user: User) -> None:
    """Note that the account was seen, at most once a minute, on a connection of its own."""
    now = clock.now()
    if now - user.last_seen_at < TOUCH:
        return
    with database.writing(), db.engine.begin() as connection:
        connection.execute(update(User).where(User.id == user.id, User.last_seen_at < now).values(last_seen_at=now))
    set_committed_value(user, "last_seen_at", now)  # written already: a reading session must not write it again
