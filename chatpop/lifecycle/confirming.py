"""Confirming that the owner means it: by the password, or by typing the name where there is none."""

from __future__ import annotations

from chatpop.accounts import throttle
from chatpop.accounts.passwords import MAX_LENGTH, Busy, hasher
from chatpop.config import Config
from chatpop.core.errors import DomainError
from chatpop.core.keys import derive_key, keyed_tag
from chatpop.core.transactions import transaction
from chatpop.identity.models import User


class WrongPassword(DomainError):
    status, code, sentence = 422, "wrong_password", "This is not your password. Nothing was deleted."


class WrongName(DomainError):
    status, code, sentence = 422, "wrong_name", "This is not your username. Nothing was deleted."


def confirm(user: User, password: str, name: str, config: Config) -> None:
    """A wrong password counts like a failed log-in.

    Raises :class:`WrongPassword`, :class:`WrongName`, ``TooManyFailures``, ``Busy``.
    """
    if user.password_hash is None:
        if name.strip().lower() != user.username.lower():
            raise WrongName
        return
    key = derive_key(config.secret_key, "confirmations")
    attempt = throttle.begin(keyed_tag(key, str(user.id)), [])
    try:
        is_right = hasher.verify(user.password_hash, password[: MAX_LENGTH + 1])
    except Busy:
        with transaction() as session:
            throttle.strike_out(session, attempt, succeeded=False)
        raise
    if not is_right:
        raise WrongPassword
    with transaction() as session:
        throttle.strike_out(session, attempt, succeeded=True)
