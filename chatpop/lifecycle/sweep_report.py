"""Who would be forgotten now: the dry run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.lifecycle.abandoning import idle_limit
from chatpop.lifecycle.sweep import is_due
from chatpop.uploads.models import Upload

PAGE = 50


@dataclass(frozen=True, slots=True)
class DueGuest:
    name: str
    last_seen_at: datetime
    private_files: int


def due_guests(page: int = 1, per_page: int = PAGE) -> list[DueGuest]:
    """A page (from 1) of those who are due, the longest unseen first."""
    limit = idle_limit()
    if limit is None:
        return []
    private = (
        select(func.count(Upload.id))
        .where(Upload.owner_id == User.id, Upload.is_private.is_(True))
        .correlate(User)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(User.username, User.last_seen_at, private.label("files"))
        .where(*is_due(limit))
        .order_by(User.last_seen_at, User.id)
        .limit(per_page)
        .offset((page - 1) * per_page)
    )
    return [DueGuest(row.username, row.last_seen_at, row.files) for row in rows]
