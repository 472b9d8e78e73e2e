"""Refusals: what a rule raises when the answer is no.

A refusal is a class named for what is refused. It carries an HTTP status, a stable code for
programs and one sentence for people; how it is shown (page, fragment, JSON) is decided by
``chatpop.web.errors`` alone.
"""

from __future__ import annotations

from typing import Any

from chatpop.core import metrics
from chatpop.core.texts import Text, text


class DomainError(Exception):
    """Base of all refusals. ``details`` are extra keys for a JSON answer, never secrets."""

    status: int = 400
    code: str = "refused"
    sentence: str = "This can't be done."

    def __init__(self, sentence: str | None = None, *, mend: str | None = None, **details: Any) -> None:
        """``mend`` is the path where a person can put things right (log in, join)."""
        said = sentence or type(self).sentence
        self.sentence = said if isinstance(said, Text) else text(said)
        self.mend = mend
        self.details = details
        metrics.note_refusal(self.code)
        super().__init__(self.sentence)

    @property
    def retry_after(self) -> int | None:
        """Seconds until another try makes sense, or None."""
        value = self.details.get("retry_after")
        return int(value) if value is not None else None


class NotFound(DomainError):
    status, code, sentence = 404, "not_found", "There is nothing here."


class LoginRequired(DomainError):
    status, code, sentence = 401, "authentication_required", "Authentication required"


class RegistrationRequired(DomainError):
    status, code, sentence = 403, "registration_required", "Registration required"


class AccountDisabled(DomainError):
    status, code = 403, "account_disabled"
    sentence = "This account has been disabled by the people who run this site."


class ServiceAway(DomainError):
    """A part the answer needs (Redis, the database) is away; the client may try again."""

    status, code = 503, "away"
    sentence = "A part of this site is away for a moment. Please try again in a few seconds."

    def __init__(self, sentence: str | None = None, **details: Any) -> None:
        details.setdefault("retry_after", 5)
        super().__init__(sentence, **details)


class TooMany(DomainError):
    """A limit is reached. ``limit`` is its number, ``retry_after`` the wait in seconds."""

    status, code, sentence = 429, "too_many", "Too many requests. Please wait a moment."

    def __init__(self, sentence: str | None = None, *, limit: int, retry_after: int, **details: Any) -> None:
        super().__init__(sentence, limit=limit, retry_after=retry_after, **details)
        self.limit = limit
