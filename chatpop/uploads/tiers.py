"""What somebody of a tier may bring, as the settings say at present."""

from __future__ import annotations

from dataclasses import dataclass

from chatpop.core.texts import Number, Text, counted, text
from chatpop.identity.models import User
from chatpop.settings import registry

MB = 1024 * 1024
FILES_AT_ONCE = 50
BATCH_BYTES = 512 * MB
"""Of the files of one form together, unless a single file may be larger."""
_FIELDS = 1 * MB
"""For what a body holds besides its files."""


@dataclass(frozen=True, slots=True)
class Tier:
    """``max_size`` is bytes a file, ``max_count`` files an account may keep (-1: no limit)."""

    is_member: bool
    max_size: int
    max_count: int
    allowed_types: str

    @property
    def max_body(self) -> int:
        """Bytes of a whole form; more than the files in it could come to is refused before it is read."""
        count = FILES_AT_ONCE if self.max_count < 0 else max(1, min(FILES_AT_ONCE, self.max_count))
        return max(self.max_size, min(self.max_size * count, BATCH_BYTES)) + _FIELDS


def tier_of(user: User | None) -> Tier:
    """A visitor's is a guest's, which the upload would make of them."""
    return member() if user is not None and user.is_registered else guest()


def guest() -> Tier:
    return Tier(
        False,
        registry.UNREGISTERED_MAX_FILE_SIZE_MB.get() * MB,
        registry.UNREGISTERED_MAX_UPLOADS.get(),
        registry.UNREGISTERED_ALLOWED_TYPES.get(),
    )


def member() -> Tier:
    return Tier(
        True,
        registry.USER_MAX_FILE_SIZE_MB.get() * MB,
        registry.USER_MAX_UPLOADS.get(),
        registry.USER_ALLOWED_TYPES.get(),
    )


def shown_size(size: int) -> Text:
    """Bytes as people say them: ``340 kB``, ``2.5 MB``; whole megabytes without a fraction."""
    if size < 1000:
        return counted("%(num)s byte", "%(num)s bytes", size)
    if size < 1_000_000:
        return text("%(number)s kB", number=round(size / 1000))
    return text("%(number)s MB", number=Number.made(size / MB))
