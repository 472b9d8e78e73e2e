"""Records of what touches several domains of one person: merges that can be undone, exports, deletions under way."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from chatpop.core.database import BigId, Moment
from chatpop.extensions import Base
from chatpop.identity.models import HASH_LENGTH
from chatpop.names.models import MAX_NAME_LENGTH


class Merge(Base):
    """A guest that became part of a member. Gone when it is undone, or when ``undo_until`` has passed.

    ``member_name`` and ``fingerprint_hash`` are what the member was called and how the guest's browser
    looked; an undo puts them back.
    """

    __tablename__ = "merges"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    guest_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    member_name: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH))
    fingerprint_hash: Mapped[str | None] = mapped_column(String(HASH_LENGTH))
    merged_at: Mapped[datetime] = mapped_column(Moment)
    undo_until: Mapped[datetime] = mapped_column(Moment, index=True)


class MergeItem(Base):
    """One row that a merge moved, changed or removed; ``before`` holds what an undo can't work out by itself."""

    __tablename__ = "merge_items"

    merge_id: Mapped[int] = mapped_column(ForeignKey("merges.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    row_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    before: Mapped[dict[str, Any] | None] = mapped_column(
        JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
    )


class Export(Base):
    """A copy of one's data that was asked for; ``token`` is the file's random name."""

    __tablename__ = "exports"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    token: Mapped[str] = mapped_column(String(43), unique=True)
    requested_at: Mapped[datetime] = mapped_column(Moment)
    ready_at: Mapped[datetime | None] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
    size: Mapped[int | None] = mapped_column(BigId)
    """Bytes."""


class MessageFate(StrEnum):
    """What becomes of the messages of somebody whose account is deleted."""

    KEEP = "keep"
    RELABEL = "relabel"
    REMOVE = "remove"


class Deletion(Base):
    """An account that is deleted but for its messages: a job still has to go through them."""

    __tablename__ = "deletions"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    messages: Mapped[str] = mapped_column(String(8))
    """A :class:`MessageFate`."""
    requested_at: Mapped[datetime] = mapped_column(Moment)
