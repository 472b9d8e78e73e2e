"""Personal access tokens: a member's keys for programs, shown once and stored as hashes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select, update

from chatpop.core import clock, database, ids
from chatpop.core.errors import DomainError, NotFound, RegistrationRequired
from chatpop.core.texts import text
from chatpop.core.transactions import transaction
from chatpop.extensions import db
from chatpop.identity.models import PersonalAccessToken, User

PREFIX = "cpat_"
"""Lets scanners of public code find a token that has got into it."""
NAME_LIMIT = 60
MAX_DAYS = 3_650
MOST_TOKENS = 50
NOTED = timedelta(minutes=1)


class BadTokenName(DomainError):
    status, code = 422, "bad_token_name"
    sentence = text(
        "Give the token a name of 1 to %(name_limit)s characters, so that you know it again.", name_limit=NAME_LIMIT
    )


class BadLifetime(DomainError):
    status, code = 422, "bad_lifetime"
    sentence = text("A token lives from 1 to %(max_days)s days, or until you revoke it.", max_days=f"{MAX_DAYS:,}")


class TooManyTokens(DomainError):
    status, code = 409, "too_many_tokens"
    sentence = text(
        "You have %(most_tokens)s tokens, and that is the most. Revoke one that you no longer use.",
        most_tokens=MOST_TOKENS,
    )


class TokenNotFound(NotFound):
    code, sentence = "token_not_found", "You have no such token."


@dataclass(frozen=True, slots=True)
class Made:
    """A new token; ``secret`` is told now and never again."""

    token: PersonalAccessToken
    secret: str


def make(member: User, name: str, days: int | None) -> Made:
    """A token that lives for ``days``, or until it is revoked.

    Raises :class:`BadTokenName`, :class:`BadLifetime`, :class:`TooManyTokens`, ``RegistrationRequired``.
    """
    name = " ".join("".join(char for char in name if char.isprintable() or char.isspace()).split())
    if not 1 <= len(name) <= NAME_LIMIT:
        raise BadTokenName
    if days is not None and not 1 <= days <= MAX_DAYS:
        raise BadLifetime
    secret, now = PREFIX + ids.secret_token(), clock.now()
    with transaction() as session:
        owner = session.get_one(User, member.id, with_for_update=True)
        if not owner.is_registered:
            raise RegistrationRequired
        own = PersonalAccessToken.user_id == owner.id
        session.execute(delete(PersonalAccessToken).where(own, PersonalAccessToken.epoch != owner.epoch))
        if (session.scalar(select(func.count(PersonalAccessToken.id)).where(own)) or 0) >= MOST_TOKENS:
            raise TooManyTokens
        token = PersonalAccessToken(
            public_id=ids.short_token(),
            user_id=owner.id,
            epoch=owner.epoch,
            name=name,
            token_hash=ids.hash_token(secret),
            created_at=now,
            expires_at=now + timedelta(days=days) if days is not None else None,
        )
        session.add(token)
    return Made(token, secret)


def tokens_of(member: User) -> Sequence[PersonalAccessToken]:
    """The member's tokens, newest first; those of an earlier epoch are dead and left out."""
    statement = select(PersonalAccessToken).where(
        PersonalAccessToken.user_id == member.id, PersonalAccessToken.epoch == member.epoch
    )
    return db.session.scalars(statement.order_by(PersonalAccessToken.id.desc())).all()


def revoke(member: User, public_id: str) -> None:
    """The token is worth nothing from now on. Raises :class:`TokenNotFound`, for other people's too."""
    with transaction() as session:
        gone = session.execute(
            delete(PersonalAccessToken).where(
                PersonalAccessToken.user_id == member.id, PersonalAccessToken.public_id == public_id
            )
        )
        if not gone.rowcount:  # type: ignore[attr-defined]
            raise TokenNotFound


def recognise(secret: str) -> tuple[PersonalAccessToken, User] | None:
    """The token and its owner; None when it is revoked, expired, of an earlier epoch, or nobody's.

    The owner of a disabled account is returned whatever the epoch, so that they can be told.
    """
    row = db.session.execute(
        select(PersonalAccessToken, User)
        .join(User, User.id == PersonalAccessToken.user_id)
        .where(PersonalAccessToken.token_hash == ids.hash_token(secret))
    ).one_or_none()
    if row is None:
        return None
    token, user = row.PersonalAccessToken, row.User
    is_over = token.expires_at is not None and token.expires_at <= clock.now()
    if is_over or (token.epoch != user.epoch and not user.is_disabled):
        return None
    return token, user


def note_use(token: PersonalAccessToken) -> None:
    """Note that the token was used, at most once a minute, on a connection of its own."""
    now = clock.now()
    if token.last_used_at is not None and now - token.last_used_at < NOTED:
        return
    with database.writing(), db.engine.begin() as connection:
        connection.execute(
            update(PersonalAccessToken).where(PersonalAccessToken.id == token.id).values(last_used_at=now)
        )
