"""Noting that an account was seen, whatever authenticated it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm.attributes import set_committed_value

from chatpop.core import clock, database
from chatpop.extensions import db
from chatpop.identity.models import User

TOUCH = timedelta(minutes=1)


def touch(user: User) -> bool:
    """Note that the account was seen, at most once a minute, on a connection of its own.

    False if it was forgotten since it was loaded: between a guest's request and the sweep this one statement
    decides, so nobody acts as a guest who is being forgotten.
    """
    now = clock.now()
    if now - user.last_seen_at < TOUCH:
        return True
    living = update(User).where(User.id == user.id, User.is_abandoned.is_(False))
    with database.writing(), db.engine.begin() as connection:
        done = connection.execute(living.where(User.last_seen_at < now).values(last_seen_at=now))
        if done.rowcount == 0:  # another request was quicker, or the sweep was
            is_abandoned = connection.scalar(select(User.is_abandoned).where(User.id == user.id))
            if is_abandoned is not False:
                return False
    set_committed_value(user, "last_seen_at", now)  # written already: a reading session must not write it again
    return True
