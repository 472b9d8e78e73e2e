"""What users do about each other: ignoring a person in a room, reporting a message or a person."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from chatpop.core.database import BigId, Moment
from chatpop.extensions import Base
from chatpop.names.models import MAX_NAME_LENGTH

TAG_LENGTH = 16
NOTE_LIMIT = 500
_OPEN = text("closed_at IS NULL")


class Reason(StrEnum):
    """Why something is reported; the short list of the form."""

    SPAM = "spam"
    HARASSMENT = "harassment"
    HATE = "hate"
    SEXUAL = "sexual"
    DANGER = "danger"
    NAME = "name"
    OTHER = "other"


class Ignore(Base):
    """``user_id`` does not want to see who writes under ``tag`` in this room.

    The tag stands for one person under one name in one room, so a row links no two names.
    """

    __tablename__ = "ignores"
    __table_args__ = (UniqueConstraint("user_id", "room_id", "tag"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"), index=True)
    tag: Mapped[str] = mapped_column(String(TAG_LENGTH))
    name: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH))
    created_at: Mapped[datetime] = mapped_column(Moment)


class Report(Base):
    """Somebody asks the site to look at a message, or at a person (then ``message_id`` is null).

    ``thing`` names what is reported, so that reports of one thing stand together. ``quote`` is the message
    as it was; it is emptied when the report is closed.
    """

    __tablename__ = "reports"
    __table_args__ = (
        # The index is the judge of two reports sent at once: one open report a person and thing.
        Index("uq_reports_open", "reporter_id", "thing", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_reports_waiting", "closed_at", "thing"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    thing: Mapped[str] = mapped_column(String(48))
    reporter_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"), index=True)
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    tag: Mapped[str] = mapped_column(String(TAG_LENGTH))
    name: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH))
    quote: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(String(NOTE_LIMIT), default="")
    created_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    outcome: Mapped[str | None] = mapped_column(String(20))
