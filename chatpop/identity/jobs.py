"""Jobs of the accounts."""

from __future__ import annotations

from datetime import timedelta

import structlog
from sqlalchemy import delete, select

from chatpop.core import clock
from chatpop.core.transactions import transaction
from chatpop.identity.models import Device, RefreshToken, Session, User

BATCH = 500
KEPT = timedelta(days=1)
"""Dead tokens stay a day, so that a replay can still be told from nonsense."""

log = structlog.get_logger()


def delete_expired_tokens() -> int:
    """Delete refresh tokens, sessions and devices that can't be used again; returns the tokens deleted.

    The browsers of a forgotten guest stay as long as its other evidence: who comes back late is told what happened.
    Safe to run twice or in parallel: what is gone is gone.
    """
    limit, total = clock.now() - KEPT, 0
    while True:
        with transaction() as session:
            expired = session.scalars(select(RefreshToken.id).where(RefreshToken.expires_at < limit).limit(BATCH)).all()
            session.execute(delete(RefreshToken).where(RefreshToken.id.in_(expired)))
        total += len(expired)
        if len(expired) < BATCH:
            break
    with transaction() as session:
        has_tokens = select(RefreshToken.id).where(RefreshToken.session_id == Session.id).exists()
        session.execute(delete(Session).where(Session.created_at < limit, ~has_tokens))
        told_later = select(User.id).where(User.is_abandoned.is_(True), User.fingerprint_data.is_not(None))
        session.execute(delete(Device).where(Device.revoked_at < limit, Device.user_id.not_in(told_later)))
    log.info("expired_tokens_deleted", count=total)
    return total
