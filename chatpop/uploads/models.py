"""Files that people brought, and the outbox of files that have to go."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from chatpop.core.database import BigId, Moment
from chatpop.extensions import Base
from chatpop.identity.models import HASH_LENGTH

KEY_LENGTH = 22
NAME_LIMIT = 150
"""Characters of a name; each can take 12 in an address, which has to fit a request line of 4,094."""
TYPE_LIMIT = 127
THUMBNAIL_SIDE = 480
"""Pixels; a picture that is no larger is its own thumbnail."""


class Thumbnail(StrEnum):
    """How the small version of a picture stands."""

    NONE = "none"
    WANTED = "wanted"
    READY = "ready"
    FAILED = "failed"


class Upload(Base):
    """A file somebody keeps. Its file is in the store before the row exists, and goes after it.

    ``is_attachment`` stays true when the room or the message has gone: such a file must never turn into
    one that everybody may read.
    """

    __tablename__ = "uploads"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(KEY_LENGTH), unique=True)
    """Random; the address of the file, and its key in the store."""
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    is_private: Mapped[bool] = mapped_column(default=False)
    is_attachment: Mapped[bool] = mapped_column(default=False)
    """Whether it was brought for a room; only those have ``room_id`` and ``message_id``."""
    room_id: Mapped[int | None] = mapped_column(ForeignKey("rooms.id", ondelete="SET NULL"), index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"), index=True)
    """The message it hangs on; null until that is written."""
    name: Mapped[str] = mapped_column(String(NAME_LIMIT))
    media_type: Mapped[str] = mapped_column(String(TYPE_LIMIT))
    """As its content says."""
    size: Mapped[int] = mapped_column(BigId)
    """Bytes of the stored file; a picture's after it was made anew."""
    sha256: Mapped[str] = mapped_column(String(HASH_LENGTH))
    width: Mapped[int | None]
    height: Mapped[int | None]
    """Pixels; null for what is no picture."""
    thumbnail: Mapped[str] = mapped_column(String(8), default=Thumbnail.NONE, index=True)
    thumbnail_key: Mapped[str | None] = mapped_column(String(KEY_LENGTH), unique=True)
    """Of the small version in the store, once there is one."""
    created_at: Mapped[datetime] = mapped_column(Moment, index=True)

    @property
    def is_picture(self) -> bool:
        """Whether it is shown in place; everything else is only handed out as a download."""
        return self.width is not None

    @property
    def shown_width(self) -> int:
        """Pixels of the small version, so that a page does not jump when it comes."""
        return max(1, round((self.width or 1) * self._scale))

    @property
    def shown_height(self) -> int:
        return max(1, round((self.height or 1) * self._scale))

    @property
    def _scale(self) -> float:
        return min(1.0, THUMBNAIL_SIDE / max(self.width or 1, self.height or 1))


class FileRemoval(Base):
    """A file in the store that no row wants any more: written with the row's end, removed by a job."""

    __tablename__ = "file_removals"

    key: Mapped[str] = mapped_column(String(KEY_LENGTH), primary_key=True)
    since: Mapped[datetime] = mapped_column(Moment, index=True)
