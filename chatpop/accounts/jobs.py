"""Jobs of members' accounts."""

from __future__ import annotations

import structlog
from sqlalchemy import delete

from chatpop.accounts.models import LoginFailure
from chatpop.accounts.throttle import KEPT
from chatpop.core import clock
from chatpop.core.transactions import transaction

log = structlog.get_logger()


def delete_old_login_failures() -> int:
    """Delete the failures that count no more; returns how many. Safe to run twice or in parallel."""
    with transaction() as session:
        gone = session.execute(delete(LoginFailure).where(LoginFailure.failed_at < clock.now() - KEPT))
    count = int(gone.rowcount)  # type: ignore[attr-defined]
    log.info("old_login_failures_deleted", count=count)
    return count
