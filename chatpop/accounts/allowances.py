"""What guests and members may do, side by side, with the viewer's own use where it is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chatpop.core.texts import counted, text
from chatpop.identity.models import User
from chatpop.settings import registry
from chatpop.settings.registry import Setting

uses: dict[str, Callable[[int], int]] = {}
"""Who counts what an account uses at present, by the noun (``rooms``); upper floors put theirs in."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """One line of the table; ``used`` is None where nobody counts."""

    what: str
    guest: str
    member: str
    used: int | None = None


def table(user: User) -> list[Allowance]:
    """The limits in force."""
    days = registry.UNREGISTERED_ACCOUNT_ABANDONMENT_DAYS.get()
    span = counted("%(num)s day without a visit", "%(num)s days without a visit", days)
    kept = text("for good") if days < 0 else span
    return [
        Allowance(text("The name is kept"), kept, text("for good")),
        Allowance(text("Log in from other devices"), text("no"), text("yes")),
        _line(text("Rooms to host"), registry.MAX_ROOMS_GUEST, registry.MAX_ROOMS_MEMBER, _use("rooms", user)),
        _line(text("Files to keep"), registry.UNREGISTERED_MAX_UPLOADS, registry.USER_MAX_UPLOADS, user.items_count),
        Allowance(
            text("Largest file"),
            _megabytes(registry.UNREGISTERED_MAX_FILE_SIZE_MB),
            _megabytes(registry.USER_MAX_FILE_SIZE_MB),
        ),
        Allowance(
            text("Types of files"), _types(registry.UNREGISTERED_ALLOWED_TYPES), _types(registry.USER_ALLOWED_TYPES)
        ),
        _line(
            text("Messages a minute"), registry.MAX_MESSAGES_PER_MINUTE_GUEST, registry.MAX_MESSAGES_PER_MINUTE_MEMBER
        ),
    ]


def _line(what: str, guest: Setting[int], member: Setting[int], used: int | None = None) -> Allowance:
    return Allowance(what, _number(guest.get()), _number(member.get()), used)


def _megabytes(setting: Setting[int]) -> str:
    return text("%(number)s MB", number=f"{setting.get():,}")


def _types(setting: Setting[str]) -> str:
    """``JPEG, PNG, GIF`` for a list of media types."""
    allowed = setting.get().split(",")
    if "*" in allowed:
        return text("any")
    return ", ".join(part[6:].upper() if part.startswith("image/") else part for part in allowed)


def _number(value: int) -> str:
    return text("no limit") if value < 0 else f"{value:,}"


def _use(noun: str, user: User) -> int | None:
    count = uses.get(noun)
    return count(user.id) if count else None
