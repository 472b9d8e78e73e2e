"""How many files an account may keep. The count stands in the account's row and changes with the files' rows."""

from __future__ import annotations

from sqlalchemy import select, true, update
from sqlalchemy.orm import Session

from chatpop.core.errors import LoginRequired
from chatpop.extensions import db
from chatpop.identity.models import User
from chatpop.uploads.refusals import QuotaFull
from chatpop.uploads.tiers import Tier


def count_of(user_id: int) -> int:
    """How many files the account keeps at present."""
    return db.session.scalar(select(User.items_count).where(User.id == user_id)) or 0


def book(session: Session, user_id: int, tier: Tier) -> None:
    """Count one more file inside the caller's transaction. Raises :class:`QuotaFull`, ``LoginRequired``.

    One statement looks and counts: it waits for the account's row and judges what it then says, so of N at
    once exactly those pass for which there is room.
    """
    has_room = true() if tier.max_count < 0 else User.items_count < tier.max_count
    is_live = User.is_abandoned.is_(False) & User.is_disabled.is_(False)
    statement = update(User).where(User.id == user_id, is_live, has_room).values(items_count=User.items_count + 1)
    done = session.execute(statement.execution_options(synchronize_session=False))
    if done.rowcount:  # type: ignore[attr-defined]
        return
    if session.scalar(select(User.id).where(User.id == user_id, is_live)) is None:
        raise LoginRequired
    raise QuotaFull(tier)


def check(user_id: int | None, tier: Tier) -> None:
    """Whether there is room for one more, before any work is done for it. Raises :class:`QuotaFull`."""
    if 0 <= tier.max_count <= (count_of(user_id) if user_id is not None else 0):
        raise QuotaFull(tier)
