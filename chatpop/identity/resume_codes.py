"""Resume codes: what a guest writes down to come back on another browser, once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from chatpop.config import Config
from chatpop.core import clock, ids
from chatpop.core.errors import DomainError
from chatpop.core.limits import Bucket
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity import spelled_codes, tries
from chatpop.identity.comebacks import Browser, let_in
from chatpop.identity.guests import Welcome
from chatpop.identity.models import ResumeCode, User

LENGTH = 24
"""120 bits: nothing that could be guessed, so a fast hash is enough to store (as in ``ids.hash_token``)."""
TRIES, TRY_WINDOW = 5, 15 * 60
"""So many wrong codes a network may try in so many seconds (SECURITY, row 14)."""


class CodeRefused(DomainError):
    """Wrong, used, replaced, or of an account that is gone: one answer for all."""

    status, code = 422, "code_refused"
    sentence = "This code does not bring anybody back. A code works once, and a newer one replaces it."


class GuestsOnly(DomainError):
    status, code = 403, "guests_only"
    sentence = "Members log in; a resume code is for guests."


def make(user: User) -> str:
    """A new code for ``user``; the old one is dead. Raises :class:`GuestsOnly`."""
    code = spelled_codes.make(LENGTH)
    with transaction() as session:
        owner = session.get_one(User, user.id, with_for_update=True)
        if owner.is_registered:
            raise GuestsOnly
        revoke(session, owner.id)
        session.add(ResumeCode(user_id=owner.id, code_hash=ids.hash_token(code), created_at=clock.now()))
    return code


def made_at(user: User) -> datetime | None:
    """When the live code was made; None if there is none."""
    found: datetime | None = db.session.scalar(select(ResumeCode.created_at).where(ResumeCode.user_id == user.id))
    return found


def revoke(session: Session, user_id: int) -> None:
    """The account's code is worth nothing any more."""
    session.execute(delete(ResumeCode).where(ResumeCode.user_id == user_id))


def redeem(typed: str, browser: Browser, network: Sequence[Bucket], config: Config) -> Welcome:
    """Let the owner of the code in, and use it up. Raises :class:`CodeRefused`, ``TooManyTries``."""
    digest = ids.hash_token(spelled_codes.read(typed))
    with tries.counted(network, CodeRefused), transaction() as session:
        used = delete(ResumeCode).where(ResumeCode.code_hash == digest).returning(ResumeCode.user_id)
        user_id = session.execute(used).scalar_one_or_none()
        user = session.get(User, user_id, with_for_update=True) if user_id is not None else None
        if user is None or user.is_registered or not user.is_active:
            raise CodeRefused
        return let_in(session, user, browser, config)
