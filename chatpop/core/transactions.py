"""One writing transaction: how every verb works.

Reading and writing are kept apart. What a request has loaded so far (the viewer, the room) stays
readable but is detached; inside the transaction a verb loads what it changes. So SQLite's write
lock is held from the first statement of the verb to its commit, never while a request waits for
a slow client, and a transaction never turns from reading to writing (see ``core.database``).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from chatpop.core.database import writing
from chatpop.extensions import db


@contextmanager
def transaction() -> Iterator[Session]:
    """Yield the session inside a new writing transaction; commit at the end, roll back on any error."""
    session: Session = db.session()
    session.expunge_all()
    session.rollback()
    with writing():
        try:
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise
