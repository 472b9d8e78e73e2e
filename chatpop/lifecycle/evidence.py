"""Evidence has its time: headers and addresses of forgotten guests go, and addresses that grew old."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, select, update

from chatpop.core import clock
from chatpop.core.transactions import transaction
from chatpop.identity import bans
from chatpop.identity.models import User
from chatpop.lifecycle.abandoning import spared
from chatpop.settings import registry

BATCH = 200
OLD_ADDRESS = timedelta(days=365)
"""Of whoever has not been seen for a year, the address of the last log-in says nothing any more."""


def drop_evidence() -> int:
    """Null what has had its time; returns the accounts changed. Safe to run twice, in parallel, or half.

    Bans of devices and networks that are over go with it.

    ``EVIDENCE_RETENTION_DAYS`` after a guest was forgotten: headers and both addresses. What a merge could still be
    undone with stays until then.
    """
    with transaction():
        bans.forget_evidence()
    limit = clock.now() - timedelta(days=registry.EVIDENCE_RETENTION_DAYS.get())
    forgotten = User.is_abandoned.is_(True) & (User.abandoned_at < limit) & ~spared()
    kept = (
        User.fingerprint_hash.is_not(None)
        | User.fingerprint_data.is_not(None)
        | User.registration_ip.is_not(None)
        | User.last_login_ip.is_not(None)
    )
    nothing: dict[str, Any] = {
        "fingerprint_hash": None,
        "fingerprint_data": None,
        "registration_ip": None,
        "last_login_ip": None,
    }
    old = (User.last_seen_at < clock.now() - OLD_ADDRESS) & User.last_login_ip.is_not(None) & ~spared()
    return _null(forgotten & kept, nothing) + _null(old, {"last_login_ip": None})


def _null(which: ColumnElement[bool], values: dict[str, Any]) -> int:
    total = 0
    while True:
        with transaction() as session:
            some = session.scalars(select(User.id).where(which).order_by(User.id).limit(BATCH)).all()
            changed = update(User).where(User.id.in_(some), which).values(**values)
            session.execute(changed.execution_options(synchronize_session=False))
        total += len(some)
        if len(some) < BATCH:
            return total
