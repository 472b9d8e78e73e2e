"""What is said no to in forms about accounts: field by field."""

from __future__ import annotations

from collections.abc import Mapping

from chatpop.core.errors import DomainError
from chatpop.core.texts import text

EMAIL_EXISTS = text("Email address already exists")


class NotAccepted(DomainError):
    """Fields can't stay as they are; ``fields`` says for each what is wrong."""

    status, code = 422, "not_accepted"

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.fields = dict(fields)
        super().__init__(next(iter(self.fields.values())), fields=self.fields)


class AlreadyMember(DomainError):
    status, code = 403, "already_member"
    sentence = "You are a member already. Log out first to register another account."


class NotProven(DomainError):
    """Equal headers alone must not be enough to take an account over (SECURITY, row 13)."""

    status, code = 403, "not_proven"
    sentence = (
        "This browser was recognised by its headers alone, which others may share. "
        "To keep the name, come back in the browser that made it."
    )
