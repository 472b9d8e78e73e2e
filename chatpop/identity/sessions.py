"""Sessions: an access token and a chain of refresh tokens, each used once.

Using a refresh token marks it used and makes its one successor; who loses the race within 20
seconds (parallel tabs, a lost answer) is served without new cookies. Any later use means that
somebody has a copy: the whole session ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session as DbSession

from chatpop.core import clock, ids
from chatpop.core.transactions import transaction
from chatpop.identity.models import RefreshToken, Session, User
from chatpop.identity.tokens import Access, Audience

REFRESH = timedelta(days=7)
TAB_GRACE = timedelta(seconds=20)


class Assurance(IntEnum):
    """How surely a session's browser is the owner's (SECURITY, row 13)."""

    HEADERS = 1
    """Its headers alone were recognised; a stranger's may be equal."""
    PROVEN = 2
    """It made the account, or showed a secret, a code, a passkey or a password."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a logged-in client holds; ``refresh`` is None where it keeps the one it has."""

    access: Access
    refresh: str | None


@dataclass(frozen=True, slots=True)
class Refreshed:
    user: User
    credentials: Credentials


def start(
    session: DbSession,
    user: User,
    audience: Audience,
    device_id: int | None = None,
    assurance: Assurance = Assurance.PROVEN,
) -> Credentials:
    """Begin a session for ``user`` inside the caller's transaction."""
    row = Session(
        user_id=user.id,
        device_id=device_id,
        audience=audience.value,
        epoch=user.epoch,
        assurance=assurance,
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return Credentials(Access(user.id, row.id, user.epoch), _issue(session, row))


def refresh(token: str, audience: Audience, *, tabs: bool) -> Refreshed | None:
    """Trade a refresh token for new credentials; None when it is worth nothing.

    ``tabs`` grants the grace of parallel tabs (browser cookies only).
    """
    now = clock.now()
    with transaction() as session:
        row = session.scalar(select(RefreshToken).where(RefreshToken.token_hash == ids.hash_token(token)))
        family = session.get(Session, row.session_id) if row is not None else None
        if row is None or family is None or family.audience != audience or row.expires_at <= now:
            return None
        user = session.get_one(User, family.user_id)
        if user.is_disabled:  # told why, wherever they come from; nothing is given out
            return Refreshed(user, Credentials(Access(user.id, family.id, user.epoch), None))
        if family.revoked_at is not None:
            return None
        if family.epoch != user.epoch:
            return None
        access = Access(user.id, family.id, user.epoch)
        won = session.execute(
            update(RefreshToken).where(RefreshToken.id == row.id, RefreshToken.used_at.is_(None)).values(used_at=now)
        )
        if won.rowcount == 1:  # type: ignore[attr-defined]
            return Refreshed(user, Credentials(access, _issue(session, family)))
        session.refresh(row)
        if tabs and row.used_at is not None and now - row.used_at <= TAB_GRACE:
            return Refreshed(user, Credentials(access, None))
        family.revoked_at = now
    return None


def end(session: DbSession, session_id: int) -> None:
    """End one session."""
    session.execute(
        update(Session).where(Session.id == session_id, Session.revoked_at.is_(None)).values(revoked_at=clock.now())
    )


def end_all(session: DbSession, user: User) -> None:
    """End everything issued to ``user`` so far, tokens of programs included."""
    user.epoch += 1
    session.execute(
        update(Session).where(Session.user_id == user.id, Session.revoked_at.is_(None)).values(revoked_at=clock.now())
    )


def _issue(session: DbSession, family: Session) -> str:
    token, now = ids.secret_token(), clock.now()
    session.add(
        RefreshToken(session_id=family.id, token_hash=ids.hash_token(token), issued_at=now, expires_at=now + REFRESH)
    )
    session.flush()
    return token
