"""E-mail addresses: checked by form, never by DNS, and compared without regard to case."""

from __future__ import annotations

from functools import cache
from types import ModuleType

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from chatpop.core.errors import DomainError
from chatpop.extensions import db
from chatpop.identity.models import User


class BadEmail(DomainError):
    status, code, sentence = 422, "bad_email", "Enter a valid email address"


def parse(text: str) -> str:
    """The address as it is stored, at most 254 characters. Raises :class:`BadEmail`.

    Addresses beyond ASCII are lower-cased here, because SQLite's ``lower`` knows ASCII only.
    """
    rules = _rules()
    try:
        address: str = rules.validate_email(text.strip(), check_deliverability=False).normalized
    except rules.EmailNotValidError:
        raise BadEmail from None
    return address if address.isascii() else address.lower()


@cache
def _rules() -> ModuleType:
    """Loaded with the first address: their tables cost a start more than they are needed."""
    import email_validator

    # A site may live in a network of its own, where names like mia@chat.local are right.
    email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()
    return email_validator


def is_same(one: str, other: str) -> bool:
    """Whether two parsed addresses are one mailbox to this site."""
    return one.lower() == other.lower()


def owner(address: str, session: Session | None = None) -> User | None:
    """Whose a parsed address is."""
    found = (session or db.session).scalar(select(User).where(func.lower(User.email) == address.lower()))
    return found
